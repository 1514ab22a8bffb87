using Orleans.Concurrency;

namespace Rollbook;

/// <summary>
/// The owner of one episode; its key is <see cref="EpisodeKey"/>'s text. No call throws for a refusal: the reply's code says it.
/// An exception or a time-out means that the outcome is unknown, and the same call may be sent again.
/// </summary>
[Alias("rollbook.IEpisodeGrain")]
public interface IEpisodeGrain : IGrainWithStringKey
{
    /// <summary>Creates the episode, or finds it created by the same start. Only a LoggerGrain calls it.</summary>
    Task<StartReply> Open(OpenEpisode request);

    /// <summary>Re-opens a lost episode, or gives a running one a new writer. Only a LoggerGrain calls it.</summary>
    Task<StartReply> Resume(string? writer);

    /// <summary>Records steps. Interleaves: the ordinal is checked at once and the log is awaited after, so that appends pipeline.</summary>
    [AlwaysInterleave]
    ValueTask<AppendReply> Append(AppendSteps request);

    /// <summary>Ends the episode. A repeat with the same content gives the same reply.</summary>
    [AlwaysInterleave]
    ValueTask<EndReply> End(EndEpisode request);

    /// <summary>A sign of life of the writer: a long tool call is not silence.</summary>
    [AlwaysInterleave]
    ValueTask<RollbookCode> Heartbeat(long? writerEpoch);

    /// <summary>The record and what is summed over the steps.</summary>
    [AlwaysInterleave]
    ValueTask<EpisodeView> Read();

    /// <summary>Up to <paramref name="maxSteps"/> steps from an ordinal, about 1 MiB at most, at least one where there is one.</summary>
    /// <param name="from">The first ordinal, 0-based.</param>
    /// <param name="maxSteps">At least 1.</param>
    /// <param name="wait">How long to wait for the first step or the ending, up to 20 s; zero = answer at once.</param>
    [AlwaysInterleave]
    ValueTask<StepPage> ReadSteps(long from, int maxSteps, TimeSpan wait);

    /// <summary>
    /// Records score events in their order, in one durable write: in any status, at any time. Each has a reply of its own, in the same order; one's refusal
    /// refuses no other.
    /// </summary>
    [AlwaysInterleave]
    ValueTask<IReadOnlyList<ScoreReply>> Score(IReadOnlyList<ScoreEvent> scores);

    /// <summary>Records a label event, in any status, at any time.</summary>
    [AlwaysInterleave]
    ValueTask<LabelReply> Label(LabelEvent labels);

    /// <summary>Sets fields where they are absent; one that has another value refuses them all.</summary>
    [AlwaysInterleave]
    ValueTask<PatchReply> Patch(PatchEpisode patch);

    /// <summary>Up to <paramref name="most"/> score events, oldest first, about 1 MiB at most, at least one where there is one.</summary>
    /// <param name="from">The first event's place, 0-based.</param>
    /// <param name="most">At least 1.</param>
    [AlwaysInterleave]
    ValueTask<ScorePage> ReadScores(int from, int most);

    /// <summary>Wakes an unfinished episode, so that it is claimed where its owner died, and ended where its deadline has passed.</summary>
    /// <returns>A term that its header has reached; the greatest number where it was deleted, 0 where it has no header; null where nothing is known.</returns>
    [AlwaysInterleave]
    ValueTask<long?> Nudge();
}

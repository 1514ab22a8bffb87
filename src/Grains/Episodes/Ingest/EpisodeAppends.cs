using System.Diagnostics;
using Rollbook.Archive;
using Rollbook.StepLog;

namespace Rollbook.Episodes;

/// <summary>Appends from within the silo: by a turn of the activation where it is here, else by a call to its grain.</summary>
/// <param name="active">The activations of this silo.</param>
/// <param name="grain">Finds an episode's grain.</param>
/// <param name="blobs">Knows the large values that steps may name.</param>
/// <param name="time">Measures how long a commit may take.</param>
internal sealed class EpisodeAppends(ActiveEpisodes active, Func<EpisodeKey, IEpisodeGrain> grain, BlobCheck blobs, TimeProvider time) : IDisposable
{
    private readonly CommitLimit limit = new(time);

    /// <summary>Appends a batch of any size, in calls of bounded size one after another, whether or not somebody still waits for the answer.</summary>
    /// <returns>
    /// The sum of the replies, or the first refusal; what was taken before it stands. Unavailable, and so unknown, where a commit takes longer than
    /// <see cref="CommitLimit.Longest"/>.
    /// </returns>
    public ValueTask<AppendReply> AppendAsync(EpisodeKey key, long from, EncodedSteps steps, long? writerEpoch) => StepTrace.IsOn
        ? AppendTracedAsync(key, from, steps, writerEpoch)
        : AppendCheckedAsync(key, from, steps, writerEpoch);

    /// <inheritdoc/>
    public void Dispose() => limit.Dispose();

    private async ValueTask<AppendReply> AppendTracedAsync(EpisodeKey key, long from, EncodedSteps steps, long? writerEpoch)
    {
        using var span = StepTrace.Append(key, steps.Count);
        var reply = await AppendCheckedAsync(key, from, steps, writerEpoch);
        span?.SetTag("rollbook.code", reply.Code.ToString());
        if (reply.Code != RollbookCode.Ok) span?.SetStatus(ActivityStatusCode.Error);
        return reply;
    }

    private ValueTask<AppendReply> AppendCheckedAsync(EpisodeKey key, long from, EncodedSteps steps, long? writerEpoch) => BlobReferences.Any(steps)
        ? AppendWithBlobsAsync(key, from, steps, writerEpoch)
        : AppendAnyAsync(key, from, steps, writerEpoch);

    private async ValueTask<AppendReply> AppendWithBlobsAsync(EpisodeKey key, long from, EncodedSteps steps, long? writerEpoch) =>
        await blobs.RefusalAsync(key.Project, steps) ?? await AppendAnyAsync(key, from, steps, writerEpoch);

    private ValueTask<AppendReply> AppendAnyAsync(EpisodeKey key, long from, EncodedSteps steps, long? writerEpoch) =>
        steps.Bytes.Length <= StepSlices.MaxBytes
            ? AppendAsync(key, new AppendSteps { From = from, Steps = steps, WriterEpoch = writerEpoch })
            : AppendSlicesAsync(key, from, steps, writerEpoch);

    private async ValueTask<AppendReply> AppendSlicesAsync(EpisodeKey key, long from, EncodedSteps steps, long? writerEpoch)
    {
        var duplicates = 0;
        AppendReply reply = default;
        foreach (var slice in StepSlices.Cut(steps))
        {
            reply = await AppendAsync(key, new AppendSteps { From = from, Steps = slice, WriterEpoch = writerEpoch });
            if (reply.Code != RollbookCode.Ok) return reply;
            duplicates += reply.Duplicates;
            from = reply.NextOrdinal;
        }

        return reply with { Duplicates = duplicates };
    }

    private async ValueTask<AppendReply> AppendAsync(EpisodeKey key, AppendSteps request)
    {
        if (active.Find(key) is { } episode)
        {
            var round = new AppendRound(1);
            round.Start(0, episode, request);
            await round.Taken;
            if (round.Commit(0) is { } commit)
            {
                return await limit.IsDurableAsync(commit)
                    ? new AppendReply(RollbookCode.Ok, request.From + request.Steps.Count, 0)
                    : new AppendReply(RollbookCode.Unavailable, 0, 0);
            }
        }

        return await grain(key).Append(request);
    }

    /// <summary>The answer to a batch that was taken, once its commit has its outcome, however long that takes: the caller has a limit of its own.</summary>
    public static async ValueTask<AppendReply> DurableAsync(Task commit, long next)
    {
        // A commit that failed is unknown, whatever the reason: the log is poisoned and the silo goes.
        await commit.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return commit.IsCompletedSuccessfully ? new AppendReply(RollbookCode.Ok, next, 0) : new AppendReply(RollbookCode.Unavailable, 0, 0);
    }
}

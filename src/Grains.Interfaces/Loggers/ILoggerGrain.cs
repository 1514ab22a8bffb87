using Orleans.Concurrency;

namespace Rollbook;

/// <summary>One worker's pointer and ten-item history; its key is <see cref="LoggerKey.Of"/>'s text.</summary>
[Alias("rollbook.ILoggerGrain")]
public interface ILoggerGrain : IGrainWithStringKey
{
    /// <summary>Begins an episode and supersedes the worker's unfinished one.</summary>
    Task<StartReply> Start(StartEpisode request);

    /// <summary>Re-opens a lost episode on this worker, or gives its running one a new writer.</summary>
    Task<StartReply> Resume(ResumeEpisode request);

    /// <summary>Tells that an episode has ended, durably: the pointer moves to the history with the next write.</summary>
    [OneWay]
    Task Ended(EpisodeSummary summary);

    /// <summary>
    /// Tells that an ended episode was scored, durably. The history shows it, durably too, when this returns; the episode acknowledges the score only then.
    /// </summary>
    /// <returns>Ok, or Busy where there is no room to write it.</returns>
    Task<RollbookCode> Scored(EpisodeSummary summary);

    /// <summary>Tells that an episode was deleted: the pointer and the history name it no more, durably, when this returns.</summary>
    /// <returns>Ok, or Busy where there is no room to write it.</returns>
    Task<RollbookCode> Drop(EpisodeId episode);

    /// <summary>The pointer and the history, with every ending that is durable.</summary>
    Task<LoggerView> Read();
}

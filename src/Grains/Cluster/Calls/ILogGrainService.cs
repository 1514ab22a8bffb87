using Orleans.Services;

namespace Rollbook.Cluster;

/// <summary>
/// The log service of one silo, for the others. Every call names the log that is meant: identity is the log and never the address, and a silo that has another log says so
/// (<see cref="PeerOutcome.NotMine"/>), which means that the wanted one is dead.
/// </summary>
[Alias("rollbook.ILogGrainService")]
internal interface ILogGrainService : IGrainService
{
    /// <summary>Stops writing an episode: the minimum term becomes <paramref name="term"/> + 1, what is in flight is flushed, and the tail is returned.</summary>
    Task<ReleaseAnswer> Release(string log, EpisodeKey key, long term);

    /// <summary>An episode's durable frames from an ordinal on, in log order.</summary>
    Task<FramesAnswer> Frames(string log, EpisodeKey key, long from, int limit);

    /// <summary>What the log tells queries of a project's episodes.</summary>
    Task<HeldAnswer> Held(string log, string project);

    /// <summary>Packs what the log holds at this moment.</summary>
    Task<PeerOutcome> Pack(string log);

    /// <summary>Fences a dead log, and reads it once for all.</summary>
    Task<DeadLogAnswer> Pass(string log, string dead);

    /// <summary>Wakes what a dead log left unfinished.</summary>
    Task<DeadLogAnswer> Recover(string log, string dead);

    /// <summary>Whether the log is this silo's.</summary>
    Task<PeerOutcome> Owns(string log);
}

using Orleans.Concurrency;

namespace Rollbook;

/// <summary>
/// Takes the batches of many episodes in one call, at the silo that the client is connected to; any key. A batch is taken where its episode is active in that
/// silo and the batch follows what it has; all else goes to <see cref="IEpisodeGrain.Append"/>, which is also the one that refuses.
/// </summary>
[Alias("rollbook.IIngestGrain")]
public interface IIngestGrain : IGrainWithIntegerKey
{
    /// <summary>Records batches of different episodes; the reply comes when what was taken is durable. Interleaves: it keeps no state.</summary>
    /// <returns>An outcome a batch, in the same order.</returns>
    [AlwaysInterleave]
    ValueTask<IngestOutcome[]> Append(IngestSteps request);

    /// <summary>
    /// Starts an episode as <see cref="ILoggerGrain.Start"/> does, in the silo that the client is connected to: there <see cref="Append"/> finds it, with the same key of this
    /// grain. Interleaves: it waits for the worker's logger, and nobody else waits with it.
    /// </summary>
    [AlwaysInterleave]
    Task<StartReply> Start(StartEpisode request);
}

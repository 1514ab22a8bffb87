namespace Rollbook.Episodes;

/// <summary>The headers of all episodes, with compare-and-swap.</summary>
/// <remarks>
/// Every write is durable when it returns. A lost race is a result; an exception means that the outcome is unknown, and the caller reads back and
/// compares the nonce. <see cref="Rollbook.StepLog.StorageFullException"/>: nothing was written.
/// </remarks>
public interface IHeaderStore
{
    /// <summary>The header; null where the episode was never created.</summary>
    ValueTask<EpisodeHeader?> ReadAsync(EpisodeKey key, CancellationToken cancellation);

    /// <summary>
    /// Writes a header: inserts where <see cref="EpisodeHeader.ETag"/> is null and there is none, replaces where the stored ETag equals it.
    /// </summary>
    /// <returns>The stored header with its new ETag, or null for a lost race.</returns>
    ValueTask<EpisodeHeader?> WriteAsync(EpisodeHeader header, CancellationToken cancellation);
}

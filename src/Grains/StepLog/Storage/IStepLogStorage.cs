namespace Rollbook.StepLog;

/// <summary>
/// The device under the write-ahead logs: plain numbered chunks of bytes. Three laws hold for every implementation, and one
/// conformance suite checks them:
/// <list type="bullet">
/// <item>L1: when <see cref="AppendAsync"/> of chunk n has returned, all chunks up to n are durable.</item>
/// <item>L2: once <see cref="FenceAsync"/> has returned k, every chunk ever acknowledged, before or after, has a number below k.</item>
/// <item>L3: below a fence, or below a durable mark that a live owner gave, every read gives the same chunks, gap-free.</item>
/// </list>
/// </summary>
/// <remarks>
/// Calls for one log's appends come in order of their numbers, from one writer; up to <see cref="MaxInFlight"/> may be awaited at once.
/// All other calls may come from any thread at any time. An exception that is not named here means that the outcome is unknown.
/// </remarks>
public interface IStepLogStorage
{
    /// <summary>How many appends of one log may be in flight at once: 1 for a local disk.</summary>
    int MaxInFlight { get; }

    /// <summary>
    /// Makes room for a chunk of this length at this place, before anything is promised to a caller. The log asks before it takes frames,
    /// so that a full disk refuses cleanly instead of failing a write. A repeat for the same segment with a larger length makes it larger.
    /// </summary>
    /// <param name="log">The log, new or open.</param>
    /// <param name="segment">The segment that is wanted; the device may prepare the one after it in the background.</param>
    /// <param name="bytes">The segment's whole length in bytes, a multiple of 512.</param>
    /// <param name="cancellation">Cancels the wait only.</param>
    /// <exception cref="StorageFullException">There is no room now; nothing has changed, and a later call may succeed.</exception>
    ValueTask ReserveAsync(LogId log, int segment, long bytes, CancellationToken cancellation);

    /// <summary>Writes one chunk and returns when it, and every chunk before it, is durable.</summary>
    /// <param name="log">The log.</param>
    /// <param name="at">The next number; segment and offset as the log counts them. Its segment was reserved.</param>
    /// <param name="chunk">Header, frames and padding. Owned by the caller, unchanged until the call returns.</param>
    /// <param name="cancellation">Cancels the wait only; the chunk may still become durable.</param>
    /// <exception cref="LogFencedException">The log takes no more. This chunk was not stored and will not be.</exception>
    ValueTask AppendAsync(LogId log, ChunkAddress at, ReadOnlyMemory<byte> chunk, CancellationToken cancellation);

    /// <summary>Puts the fence at the first free number and returns it; a fenced log gives the same number again.</summary>
    /// <param name="log">The log; one that never wrote gives <paramref name="trimmedTo"/>.</param>
    /// <param name="trimmedTo">Chunks below it may be gone: the probe starts here.</param>
    /// <param name="cancellation">Cancels the wait only.</param>
    /// <exception cref="LogCorruptException">A later chunk of this log lies behind a damaged place.</exception>
    /// <exception cref="LogVersionException">A chunk of another release's format: never damage.</exception>
    ValueTask<LogEnd> FenceAsync(LogId log, long trimmedTo, CancellationToken cancellation);

    /// <summary>
    /// All chunks of the log in order from the segment that holds chunk <paramref name="from"/>, each whole and proved, up to but not including <paramref name="end"/>.
    /// Chunks of that segment with lower numbers may come first.
    /// </summary>
    /// <param name="log">The log.</param>
    /// <param name="from">The first number that is wanted.</param>
    /// <param name="end">The fence, or the durable mark: every chunk below it must exist.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>The chunks; a chunk's memory may be reused after the next step of the enumeration.</returns>
    /// <exception cref="ChunkTrimmedException">A chunk below the end is gone: read the manifest again.</exception>
    /// <exception cref="LogCorruptException">A chunk below the end is damaged.</exception>
    IAsyncEnumerable<StoredChunk> ReadAsync(LogId log, long from, long end, CancellationToken cancellation);

    /// <summary>Reads raw bytes of one durable chunk, such as one frame. The caller proves them by the frame's own CRC.</summary>
    /// <param name="log">The log.</param>
    /// <param name="at">The chunk.</param>
    /// <param name="offsetInChunk">Bytes from the chunk's start.</param>
    /// <param name="into">Filled whole.</param>
    /// <param name="cancellation">Cancels the wait only.</param>
    /// <exception cref="ChunkTrimmedException">The chunk is gone.</exception>
    ValueTask ReadRangeAsync(LogId log, ChunkAddress at, int offsetInChunk, Memory<byte> into, CancellationToken cancellation);

    /// <summary>Frees all whole segments whose chunks lie below a number. The registry's mark was moved there before.</summary>
    ValueTask TrimAsync(LogId log, long to, CancellationToken cancellation);
}

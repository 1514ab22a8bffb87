using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Rollbook.StepLog;

namespace Rollbook.Testing;

/// <summary>A device whose calls a test holds up, fails and damages. What it passes on is done by the device under it.</summary>
/// <param name="inner">The device under it.</param>
public sealed class DisturbedStepLogStorage(IStepLogStorage inner) : DelegatingStepLogStorage(inner)
{
    private readonly Lock _gate = new();
    private readonly List<ChunkAddress> _appended = [];
    private long _reserves;
    private long _ranges;

    /// <inheritdoc/>
    public override int MaxInFlight => AtOnce;

    /// <summary>How many appends may be in flight at once.</summary>
    public int AtOnce { get; init; } = 1;

    /// <summary>Awaited before a chunk is written; an exception from it fails the write.</summary>
    public Func<ChunkAddress, Task>? BeforeAppend { get; set; }

    /// <summary>Awaited before a segment is reserved, with its number and length; an exception from it fails the call.</summary>
    public Func<int, long, Task>? BeforeReserve { get; set; }

    /// <summary>Awaited before a log is fenced; an exception from it fails the call.</summary>
    public Func<LogId, Task>? BeforeFence { get; set; }

    /// <summary>Chunks that can't be read: the reading stops at the first of them as damaged.</summary>
    public HashSet<long> Damaged { get; } = [];

    /// <summary>Chunks of which a part is gone: no frame of them can be read.</summary>
    public HashSet<long> Torn { get; } = [];

    /// <summary>How often the reading met damage.</summary>
    public int DamageMet { get; private set; }

    /// <summary>How often chunks were read in order.</summary>
    public int Reads { get; private set; }

    /// <summary>Calls for room so far.</summary>
    public long Reserves => Interlocked.Read(ref _reserves);

    /// <summary>How often single frames were read.</summary>
    public long RangesRead => Interlocked.Read(ref _ranges);

    /// <summary>A buffer that was changed before its write had returned; null = none.</summary>
    public ChunkAddress? ChangedTooEarly { get; private set; }

    /// <summary>Chunks that were handed over, in order.</summary>
    public IReadOnlyList<ChunkAddress> Appended
    {
        get { lock (_gate) return [.. _appended]; }
    }

    /// <inheritdoc/>
    public override async ValueTask ReserveAsync(LogId log, int segment, long bytes, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _reserves);
        if (BeforeReserve is { } before) await before(segment, bytes);
        await Inner.ReserveAsync(log, segment, bytes, cancellation);
    }

    /// <inheritdoc/>
    public override async ValueTask AppendAsync(LogId log, ChunkAddress at, ReadOnlyMemory<byte> chunk, CancellationToken cancellation)
    {
        lock (_gate) _appended.Add(at);
        var asGiven = chunk.ToArray();
        if (BeforeAppend is { } before) await before(at);
        if (!chunk.Span.SequenceEqual(asGiven)) ChangedTooEarly = at;
        await Inner.AppendAsync(log, at, asGiven, cancellation);
        if (!chunk.Span.SequenceEqual(asGiven)) ChangedTooEarly = at;
        // The buffer goes back to its owner, who must expect nothing of what is in it.
        MemoryMarshal.AsMemory(chunk).Span.Fill(0xDD);
    }

    /// <inheritdoc/>
    public override async ValueTask<LogEnd> FenceAsync(LogId log, long trimmedTo, CancellationToken cancellation)
    {
        if (BeforeFence is { } before) await before(log);
        return await Inner.FenceAsync(log, trimmedTo, cancellation);
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<StoredChunk> ReadAsync(LogId log, long from, long end, [EnumeratorCancellation] CancellationToken cancellation)
    {
        Reads++;
        await foreach (var chunk in Inner.ReadAsync(log, from, end, cancellation))
        {
            if (Damaged.Contains(chunk.Header.Address.Number))
            {
                DamageMet++;
                throw new LogCorruptException(log, chunk.Header.Address.Number, "test");
            }

            yield return chunk;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask ReadRangeAsync(LogId log, ChunkAddress at, int offsetInChunk, Memory<byte> into, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _ranges);
        if (Torn.Contains(at.Number)) throw new LogCorruptException(log, at.Number, "test");
        await Inner.ReadRangeAsync(log, at, offsetInChunk, into, cancellation);
        // As a bad sector does that was overwritten with something else.
        if (Damaged.Contains(at.Number)) into.Span[^1] ^= 0xFF;
    }
}

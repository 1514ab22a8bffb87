using System.Runtime.CompilerServices;
using Rollbook.StepLog;

namespace Rollbook.Testing;

/// <summary>
/// A device that fails on a schedule, after 0, 1, 2, … successes, before or after the call took effect; and that overwrites every buffer
/// as soon as its owner may no longer look at it.
/// </summary>
/// <param name="inner">The right device.</param>
public sealed class FaultyStepLogStorage(IStepLogStorage inner) : DelegatingStepLogStorage(inner)
{
    private const byte Poison = 0xDD;
    private readonly Lock _lock = new();
    private readonly Dictionary<StepLogCall, Schedule> _schedules = [];
    private readonly Dictionary<StepLogCall, int> _counts = [];

    /// <summary>How often a call was made, failed ones too.</summary>
    public int Count(StepLogCall call)
    {
        lock (_lock) return _counts.GetValueOrDefault(call);
    }

    /// <summary>Lets a call fail.</summary>
    /// <param name="call">Which.</param>
    /// <param name="successes">How many of them still succeed, from now on.</param>
    /// <param name="error">Makes the error.</param>
    /// <param name="times">How many fail then.</param>
    /// <param name="afterEffect">True = the call takes effect and its answer is lost.</param>
    public void FailAfter(StepLogCall call, int successes, Func<Exception> error, int times = 1, bool afterEffect = false)
    {
        lock (_lock) _schedules[call] = new Schedule(_counts.GetValueOrDefault(call) + successes, times, error, afterEffect);
    }

    /// <inheritdoc/>
    public override async ValueTask ReserveAsync(LogId log, int segment, long bytes, CancellationToken cancellation)
    {
        var lost = Begin(StepLogCall.Reserve);
        await Inner.ReserveAsync(log, segment, bytes, cancellation);
        if (lost is not null) throw lost;
    }

    /// <inheritdoc/>
    public override async ValueTask AppendAsync(LogId log, ChunkAddress at, ReadOnlyMemory<byte> chunk, CancellationToken cancellation)
    {
        var lost = Begin(StepLogCall.Append);
        var lent = chunk.ToArray();
        await Inner.AppendAsync(log, at, lent, cancellation);
        Array.Fill(lent, Poison);
        if (lost is not null) throw lost;
    }

    /// <inheritdoc/>
    public override async ValueTask<LogEnd> FenceAsync(LogId log, long trimmedTo, CancellationToken cancellation)
    {
        var lost = Begin(StepLogCall.Fence);
        var end = await Inner.FenceAsync(log, trimmedTo, cancellation);
        return lost is null ? end : throw lost;
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<StoredChunk> ReadAsync(
        LogId log, long from, long end, [EnumeratorCancellation] CancellationToken cancellation)
    {
        byte[] lent = [];
        await foreach (var chunk in Inner.ReadAsync(log, from, end, cancellation))
        {
            if (Begin(StepLogCall.Read) is { } lost) throw lost;
            lent = chunk.Frames.ToArray();
            yield return chunk with { Frames = lent };
            Array.Fill(lent, Poison);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask ReadRangeAsync(
        LogId log, ChunkAddress at, int offsetInChunk, Memory<byte> into, CancellationToken cancellation)
    {
        var lost = Begin(StepLogCall.ReadRange);
        await Inner.ReadRangeAsync(log, at, offsetInChunk, into, cancellation);
        if (lost is not null) throw lost;
    }

    /// <inheritdoc/>
    public override async ValueTask TrimAsync(LogId log, long to, CancellationToken cancellation)
    {
        var lost = Begin(StepLogCall.Trim);
        await Inner.TrimAsync(log, to, cancellation);
        if (lost is not null) throw lost;
    }

    /// <summary>Throws the error that comes before the effect, or gives the one that comes after it.</summary>
    private Exception? Begin(StepLogCall call)
    {
        lock (_lock)
        {
            var number = _counts.GetValueOrDefault(call);
            _counts[call] = number + 1;
            if (!_schedules.TryGetValue(call, out var schedule) || number < schedule.From || number >= schedule.From + (long)schedule.Times) return null;
            var error = schedule.Error();
            return schedule.AfterEffect ? error : throw error;
        }
    }

    private readonly record struct Schedule(int From, int Times, Func<Exception> Error, bool AfterEffect);
}

using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.StepLog;

/// <summary>The conformance suite sees a device that breaks one law: without these tests a suite that checks nothing would pass.</summary>
public sealed class BrokenStepLogStorageTests
{
    public static TheoryData<string> Names => [.. Breakers.Keys];

    private static Dictionary<string, Func<IStepLogStorage, IStepLogStorage>> Breakers { get; } = new()
    {
        ["acks before the chunk is stored"] = inner => new AcksEarly(inner),
        ["acks the later of two first"] = inner => new AcksOutOfOrder(inner),
        ["fence does not hold"] = inner => new FenceForgets(inner),
        ["fence one too low"] = inner => new FenceTooLow(inner),
        ["second fence elsewhere"] = inner => new FenceMoves(inner),
        ["read stops short"] = inner => new ReadsShort(inner),
        ["read runs past its end"] = inner => new ReadsPast(inner),
        ["read skips a chunk"] = inner => new ReadsWithAHole(inner),
        ["keeps the caller's buffer"] = inner => new KeepsTheBuffer(inner),
        ["trim takes too much"] = inner => new TrimsTooMuch(inner),
        ["trim frees nothing"] = inner => new TrimsNothing(inner),
        ["range read from elsewhere"] = inner => new RangeOff(inner),
        ["overwrites a stored number"] = inner => new Overwrites(inner),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public async Task StepLogStorageConformance_OfABrokenDevice_Fails(string name)
    {
        var failed = await Suite.FailuresAsync(() => new MemorySuite(Breakers[name]));
        Assert.NotEmpty(failed);
        Assert.True(failed.Count < Facts, $"'{name}' fails all {Facts} facts, so it shows nothing: {string.Join(", ", failed)}");
    }

    [Fact]
    public async Task StepLogStorageConformance_OfAFaultyDeviceWithoutFaults_Passes() =>
        Assert.Empty(await Suite.FailuresAsync(() => new MemorySuite(inner => new FaultyStepLogStorage(inner))));

    private static int Facts => typeof(MemorySuite).GetMethods().Count(method => method.IsDefined(typeof(FactAttribute), inherit: true));

    private sealed class MemorySuite(Func<IStepLogStorage, IStepLogStorage> breaker)
        : StepLogStorageConformance(new MemorySubject<IStepLogStorage>(breaker(new MemoryStepLogStorage())));

    private sealed class AcksEarly(IStepLogStorage inner) : DelegatingStepLogStorage(inner)
    {
        private readonly ConcurrentDictionary<LogId, (ChunkAddress At, byte[] Chunk)> _held = new();

        public override async ValueTask AppendAsync(LogId log, ChunkAddress at, ReadOnlyMemory<byte> chunk, CancellationToken cancellation)
        {
            if (_held.TryRemove(log, out var held)) await Inner.AppendAsync(log, held.At, held.Chunk, cancellation);
            _held[log] = (at, chunk.ToArray());
        }
    }

    private sealed class AcksOutOfOrder(IStepLogStorage inner) : DelegatingStepLogStorage(inner)
    {
        public override async ValueTask AppendAsync(LogId log, ChunkAddress at, ReadOnlyMemory<byte> chunk, CancellationToken cancellation)
        {
            if (at.Number % 2 == 1)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellation);
                await Inner.AppendAsync(log, at, chunk, cancellation);
                return;
            }

            var late = Inner.AppendAsync(log, at, chunk.ToArray(), cancellation);
            if (late.IsCompleted) await late;
        }
    }

    private sealed class FenceForgets(IStepLogStorage inner) : DelegatingStepLogStorage(inner)
    {
        private readonly ConcurrentDictionary<LogId, long> _next = new();

        public override async ValueTask AppendAsync(LogId log, ChunkAddress at, ReadOnlyMemory<byte> chunk, CancellationToken cancellation)
        {
            await Inner.AppendAsync(log, at, chunk, cancellation);
            _next.AddOrUpdate(log, at.Number + 1, (_, known) => Math.Max(known, at.Number + 1));
        }

        public override ValueTask<LogEnd> FenceAsync(LogId log, long trimmedTo, CancellationToken cancellation) =>
            new(new LogEnd(Math.Max(trimmedTo, _next.GetValueOrDefault(log)), 0));
    }

    private sealed class FenceTooLow(IStepLogStorage inner) : DelegatingStepLogStorage(inner)
    {
        public override async ValueTask<LogEnd> FenceAsync(LogId log, long trimmedTo, CancellationToken cancellation)
        {
            var end = await Inner.FenceAsync(log, trimmedTo, cancellation);
            return end.Fence > 0 ? end with { Fence = end.Fence - 1 } : end;
        }
    }

    private sealed class FenceMoves(IStepLogStorage inner) : DelegatingStepLogStorage(inner)
    {
        private int _calls;

        public override async ValueTask<LogEnd> FenceAsync(LogId log, long trimmedTo, CancellationToken cancellation)
        {
            var end = await Inner.FenceAsync(log, trimmedTo, cancellation);
            return end with { Fence = end.Fence + Interlocked.Increment(ref _calls) - 1 };
        }
    }

    private sealed class ReadsShort(IStepLogStorage inner) : DelegatingStepLogStorage(inner)
    {
        public override IAsyncEnumerable<StoredChunk> ReadAsync(LogId log, long from, long end, CancellationToken cancellation) =>
            Inner.ReadAsync(log, from, end > from + 3 ? end - 1 : end, cancellation);
    }

    private sealed class ReadsPast(IStepLogStorage inner) : DelegatingStepLogStorage(inner)
    {
        private long _next;

        public override async ValueTask AppendAsync(LogId log, ChunkAddress at, ReadOnlyMemory<byte> chunk, CancellationToken cancellation)
        {
            await Inner.AppendAsync(log, at, chunk, cancellation);
            _next = at.Number + 1;
        }

        public override IAsyncEnumerable<StoredChunk> ReadAsync(LogId log, long from, long end, CancellationToken cancellation) =>
            Inner.ReadAsync(log, from, end < _next ? end + 1 : end, cancellation);
    }

    private sealed class ReadsWithAHole(IStepLogStorage inner) : DelegatingStepLogStorage(inner)
    {
        public override async IAsyncEnumerable<StoredChunk> ReadAsync(
            LogId log, long from, long end, [EnumeratorCancellation] CancellationToken cancellation)
        {
            await foreach (var chunk in Inner.ReadAsync(log, from, end, cancellation))
            {
                if (chunk.Header.Address.Number != 7) yield return chunk;
            }
        }
    }

    private sealed class KeepsTheBuffer(IStepLogStorage inner) : DelegatingStepLogStorage(inner)
    {
        private readonly ConcurrentDictionary<(LogId, long), ReadOnlyMemory<byte>> _kept = new();

        public override async ValueTask AppendAsync(LogId log, ChunkAddress at, ReadOnlyMemory<byte> chunk, CancellationToken cancellation)
        {
            await Inner.AppendAsync(log, at, chunk, cancellation);
            _kept[(log, at.Number)] = chunk;
        }

        public override async IAsyncEnumerable<StoredChunk> ReadAsync(
            LogId log, long from, long end, [EnumeratorCancellation] CancellationToken cancellation)
        {
            await foreach (var chunk in Inner.ReadAsync(log, from, end, cancellation))
            {
                yield return chunk with
                {
                    Frames = _kept[(log, chunk.Header.Address.Number)].Slice(ChunkCodec.HeaderSize, chunk.Header.FrameBytes),
                };
            }
        }
    }

    private sealed class TrimsTooMuch(IStepLogStorage inner) : DelegatingStepLogStorage(inner)
    {
        public override ValueTask TrimAsync(LogId log, long to, CancellationToken cancellation) => Inner.TrimAsync(log, to + 5, cancellation);
    }

    private sealed class TrimsNothing(IStepLogStorage inner) : DelegatingStepLogStorage(inner)
    {
        public override ValueTask TrimAsync(LogId log, long to, CancellationToken cancellation) => ValueTask.CompletedTask;
    }

    private sealed class RangeOff(IStepLogStorage inner) : DelegatingStepLogStorage(inner)
    {
        public override ValueTask ReadRangeAsync(
            LogId log, ChunkAddress at, int offsetInChunk, Memory<byte> into, CancellationToken cancellation) =>
            Inner.ReadRangeAsync(log, at, 0, into, cancellation);
    }

    private sealed class Overwrites(IStepLogStorage inner) : DelegatingStepLogStorage(inner)
    {
        public override async ValueTask AppendAsync(LogId log, ChunkAddress at, ReadOnlyMemory<byte> chunk, CancellationToken cancellation)
        {
            try
            {
                await Inner.AppendAsync(log, at, chunk, cancellation);
            }
            catch (LogFencedException) when (at.Number == 2)
            {
                // Taken for a repeat.
            }
        }
    }
}

using Microsoft.Extensions.Time.Testing;
using Rollbook.Episodes;
using Rollbook.Grains.Tests.Golden;
using Rollbook.StepLog;
using Rollbook.Testing;

namespace Rollbook.Grains.Tests.StepLog.Commit;

/// <summary>A write-ahead log over devices that a test can disturb.</summary>
internal sealed class LogBench
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly StepLogMeter meter = new();
    private long episodes;

    public LogBench(int segmentBytes = 64 << 10, int chunkBytes = 4 << 10, long maxBytesInFlight = 1 << 20, int maxInFlight = 1, int? commitMilliseconds = null, int? segmentChunks = null)
    {
        Memory = new MemoryStepLogStorage();
        Storage = new DisturbedStepLogStorage(Memory) { AtOnce = maxInFlight, BeforeAppend = _ => Appends.PassAsync() };
        Indexes = new FaultyLogIndexStore(new MemoryLogIndexStore());
        var options = new StepLogOptions { SegmentBytes = segmentBytes, ChunkBytes = chunkBytes, MaxBytesInFlight = maxBytesInFlight, CommitMilliseconds = commitMilliseconds, SegmentChunks = segmentChunks };
        Log = new WriteAheadLog(GoldenValues.Log, Storage, Indexes, options, Time, meter);
    }

    public FakeTimeProvider Time { get; } = new();

    public MemoryStepLogStorage Memory { get; }

    public DisturbedStepLogStorage Storage { get; }

    public FaultyLogIndexStore Indexes { get; }

    public WriteAheadLog Log { get; }

    /// <summary>Every write of a chunk passes here.</summary>
    public Gate Appends { get; } = new();

    public static async Task<LogBench> StartAsync(
        int segmentBytes = 64 << 10, int chunkBytes = 4 << 10, long maxBytesInFlight = 1 << 20, int maxInFlight = 1, int? commitMilliseconds = null)
    {
        var bench = new LogBench(segmentBytes, chunkBytes, maxBytesInFlight, maxInFlight, commitMilliseconds);
        await bench.Log.StartAsync(CancellationToken.None);
        return bench;
    }

    public static EpisodeTail Tail(EpisodeKey key) =>
        new(new EpisodeRecord { Key = key, Worker = "w", Task = "t", VariantId = "v", StartTime = 1 }, StepSummary.Empty, 1, null);

    public EpisodeKey NewKey() => new(EpisodeKey.DefaultProject, new EpisodeId((UInt128)(++episodes)));

    /// <summary>An owned claim of a new episode, its start durable.</summary>
    public async Task<LogClaim> ClaimAsync(EpisodeKey? key = null, long term = 1)
    {
        var claim = Log.Begin(term, Tail(key ?? NewKey()), out var commit);
        await commit.WaitAsync(Patience);
        Log.Confirm(claim);
        return claim;
    }

    public Task Append(LogClaim claim, int steps, string salt = "s")
    {
        var batch = TestSteps.Range(salt, claim.Tail.NextOrdinal, steps);
        return Log.Append(claim, FrameKind.Steps, steps, batch.Bytes.Span).WaitAsync(Patience);
    }

    public Task End(LogClaim claim)
    {
        var record = claim.Tail.Record with { Status = EpisodeStatus.Completed, EndCause = "done", EndTime = 2 };
        return Log.Append(claim, FrameKind.End, 0, GoldenValues.Payload(claim.Tail.With(record, 1, null), false)).WaitAsync(Patience);
    }

    /// <summary>The lines of an episode from an ordinal on, as the index and the device give them.</summary>
    public async Task<List<string>> LinesAsync(EpisodeKey key, long from = 0, int limit = int.MaxValue)
    {
        var lines = new List<string>();
        foreach (var entry in await Log.FramesOfAsync(key, from, limit, CancellationToken.None))
        {
            if (entry.Kind != FrameKind.Steps) continue;
            var bytes = await FrameReader.ReadAsync(Storage, Log.Id, entry, CancellationToken.None);
            var steps = FrameReader.Prove(Log.Id, key, entry, bytes).Payload.ToArray();
            lines.AddRange(TestSteps.Lines(new EncodedSteps(entry.Count, steps)).Skip((int)Math.Max(0, from - entry.Ordinal)));
        }

        return lines;
    }

    public static List<string> Expected(long from, int count, string salt = "s") => TestSteps.Lines(TestSteps.Range(salt, from, count));

    /// <summary>All frames of the log from a chunk on, as (chunk, segment, kind, episode, ordinal).</summary>
    public async Task<List<LoggedFrame>> FramesAsync(long from = 0)
    {
        var frames = new List<LoggedFrame>();
        await foreach (var chunk in Memory.ReadAsync(Log.Id, from, Log.DurableEnd, CancellationToken.None))
        {
            for (var rest = chunk.Frames; !rest.IsEmpty;)
            {
                if (!FrameCodec.TryRead(rest.Span, out var frame)) throw new InvalidOperationException("A frame of the log can't be read.");
                frames.Add(new LoggedFrame(chunk.Header.Address, frame.Kind, frame.Episode, frame.Term, frame.Ordinal));
                rest = rest[frame.Length..];
            }
        }

        return frames;
    }

    public Task CloseAsync() => Log.CloseAsync().WaitAsync(Patience);
}

/// <summary>A frame as it stands in a log.</summary>
internal readonly record struct LoggedFrame(ChunkAddress At, FrameKind Kind, EpisodeId Episode, long Term, long Ordinal);

using Rollbook.StepLog;
using Rollbook.Testing;

namespace Rollbook.Grains.Tests.StepLog.Local;

/// <summary>
/// A scripted run of the local device on a simulated disk, and what was promised at each moment of it: which chunks were acknowledged,
/// which were freed, which logs were fenced where.
/// </summary>
internal sealed class CrashScript
{
    public const string Data = "/data";
    private readonly Dictionary<LogId, ChunkFeed> _feeds = [];
    private readonly List<Promise> _promises = [];

    public CrashScript(SimulatedDisk disk)
    {
        Disk = disk;
        disk.Place(Data);
        Storage = Open(disk);
    }

    public SimulatedDisk Disk { get; }

    public LocalStepLogStorage Storage { get; }

    public IReadOnlyCollection<ChunkFeed> Feeds => _feeds.Values;

    public static LocalStepLogStorage Open(SimulatedDisk disk) => new(
        new LocalStepLogOptions { DataDirectory = Data, SegmentBytes = 16 << 10, DiskReserveBytes = 0, SpareSegments = 3 }, disk, new InlineScheduler());

    /// <summary>About 200 calls: two logs, six segments, freed files that are written again, a fence between.</summary>
    public static async Task<CrashScript> RunAsync(SimulatedDisk disk, int seed)
    {
        var script = new CrashScript(disk);
        var random = new Random(seed);
        var first = script.Begin(random);
        for (var i = 0; i < 24; i++) await script.AppendAsync(first, random);
        await script.TrimAsync(first, first.Chunks.First(chunk => chunk.At.Segment == 2).At.Number);
        for (var i = 0; i < 12; i++) await script.AppendAsync(first, random);
        await script.FenceAsync(first);
        var second = script.Begin(random);
        for (var i = 0; i < 12; i++) await script.AppendAsync(second, random);
        await script.TrimAsync(first, first.Chunks.Count);
        for (var i = 0; i < 16; i++) await script.AppendAsync(second, random);
        return script;
    }

    /// <summary>Begins a log.</summary>
    public ChunkFeed Begin(Random random)
    {
        var log = new LogId(new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64()));
        var feed = new ChunkFeed(log, 16 << 10, random.Next());
        _feeds.Add(log, feed);
        return feed;
    }

    public Task AppendAsync(ChunkFeed feed, Random random) => AppendAsync(feed, feed.Next(1 + random.Next(3), random.Next(2500)));

    public async Task AppendAsync(ChunkFeed feed, FedChunk chunk)
    {
        await feed.AppendAsync(Storage, chunk);
        Promised(feed, Kind.Acknowledged, feed.Chunks.Count);
    }

    public async Task TrimAsync(ChunkFeed feed, long to)
    {
        Promised(feed, Kind.Trimmed, to);
        await Storage.TrimAsync(feed.Log, to, CancellationToken.None);
    }

    public async Task FenceAsync(ChunkFeed feed)
    {
        var end = await Storage.FenceAsync(feed.Log, Latest(feed, Kind.Trimmed, Disk.Trace.Count) ?? 0, CancellationToken.None);
        Promised(feed, Kind.Fenced, end.Fence);
    }

    /// <summary>Recovers on a disk as a crash left it after so many calls, and holds it against what was promised then.</summary>
    /// <returns>The logs' ends, and what is wrong; null = nothing.</returns>
    public async Task<(Dictionary<LogId, LogEnd> Ends, string? Wrong)> RecoverAsync(SimulatedDisk crashed, int calls)
    {
        using var storage = Open(crashed);
        var ends = new Dictionary<LogId, LogEnd>();
        foreach (var feed in _feeds.Values)
        {
            var from = Latest(feed, Kind.Trimmed, calls) ?? 0;
            try
            {
                var end = await storage.FenceAsync(feed.Log, from, CancellationToken.None);
                ends.Add(feed.Log, end);
                if (Latest(feed, Kind.Fenced, calls) is { } fenced && fenced != end.Fence)
                    return (ends, $"{feed.Log}: the fence moved from {fenced} to {end.Fence}");
                if (end.Fence < (Latest(feed, Kind.Acknowledged, calls) ?? 0))
                    return (ends, $"{feed.Log}: acknowledged {Latest(feed, Kind.Acknowledged, calls)}, found {end.Fence}");
                if (end.Fence > feed.Chunks.Count) return (ends, $"{feed.Log}: found {end.Fence}, written {feed.Chunks.Count}");
                if (await ReadAsync(storage, feed, from, end.Fence) is { } wrong) return (ends, wrong);
            }
            catch (IOException error)
            {
                return (ends, $"{feed.Log}: {error.GetType().Name}: {error.Message}");
            }
        }

        return (ends, null);
    }

    private static async Task<string?> ReadAsync(LocalStepLogStorage storage, ChunkFeed feed, long from, long end)
    {
        long? next = null;
        await foreach (var chunk in storage.ReadAsync(feed.Log, from, end, CancellationToken.None))
        {
            var number = next ?? chunk.Header.Address.Number;
            if (chunk.Header.Address.Number != number || !feed.Chunks[(int)number].Frames.SequenceEqual(chunk.Frames.Span))
                return $"{feed.Log}: chunk {number} came back as {chunk.Header.Address} with other bytes";
            next = number + 1;
        }

        return from < end && next != end ? $"{feed.Log}: the read from {from} to {end} stopped at {next}" : null;
    }

    private void Promised(ChunkFeed feed, Kind kind, long number) => _promises.Add(new Promise(Disk.Trace.Count, feed.Log, kind, number));

    private long? Latest(ChunkFeed feed, Kind kind, int calls) =>
        _promises.FindLast(promise => promise.Log == feed.Log && promise.Kind == kind && promise.Calls <= calls)?.Number;

    private enum Kind
    {
        Acknowledged,
        Trimmed,
        Fenced,
    }

    private sealed record Promise(int Calls, LogId Log, Kind Kind, long Number);
}

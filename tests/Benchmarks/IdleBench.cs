using System.Diagnostics;
using System.Globalization;
using Rollbook.Testing;

namespace Rollbook.Benchmarks;

/// <summary>Memory of open idle episodes: each was started and has recorded one step.</summary>
internal static class IdleBench
{
    public static async Task<int> RunAsync(string[] args)
    {
        var episodes = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 100_000;
        using var directory = new TempDirectory();
        await using var silo = await RecorderHost.StartAsync(directory.Path);
        await StartAsync(silo, 0, 1000);
        var before = Settled();
        var clock = Stopwatch.StartNew();
        for (var from = 1000; from < episodes; from += 500) await StartAsync(silo, from, Math.Min(500, episodes - from));
        var seconds = clock.Elapsed.TotalSeconds;
        var after = Settled();
        var each = (after.Heap - before.Heap) / (double)(episodes - 1000);
        Console.WriteLine($"{episodes:N0} open idle episodes: managed heap {after.Heap >> 20:N0} MiB, working set {after.WorkingSet >> 20:N0} MiB, {each:N0} bytes of heap an episode; started at {(episodes - 1000) / seconds:N0} episodes/s");
        return 0;
    }

    private static Task StartAsync(RecorderHost silo, int from, int count) => Task.WhenAll(Enumerable.Range(from, count).Select(async i =>
    {
        var worker = $"idle.{i}";
        var start = await silo.Worker(worker).Start(new StartEpisode
        {
            Project = EpisodeKey.DefaultProject, Worker = worker, Task = "idle", VariantId = "v1", BodyHash = 1,
        });
        var ack = await silo.Episode(start.Record!.Key.Id).Append(new AppendSteps { From = 0, Steps = TestSteps.Of("one") });
        if (ack.Code != RollbookCode.Ok) throw new InvalidOperationException($"The append answered {ack.Code}.");
    }));

    private static (long Heap, long WorkingSet) Settled()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return (GC.GetTotalMemory(forceFullCollection: true), Environment.WorkingSet);
    }
}

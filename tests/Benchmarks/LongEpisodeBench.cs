using System.Diagnostics;
using System.Globalization;
using Rollbook.Testing;

namespace Rollbook.Benchmarks;

/// <summary>What a step costs in one very long episode, and in many short ones: recording in lockstep, then reading all.</summary>
internal static class LongEpisodeBench
{
    private const int ShortLength = 50;

    public static async Task<int> RunAsync(string[] args)
    {
        var steps = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 100_000;
        using var directory = new TempDirectory();
        await using var silo = await RecorderHost.StartAsync(directory.Path);
        await RecordAsync(silo, 2000, 1);
        var many = await RecordAsync(silo, ShortLength, steps / ShortLength);
        Report($"{steps / ShortLength:N0} episodes of {ShortLength} steps", steps, many);
        var one = await RecordAsync(silo, steps, 1);
        Report($"one episode of {steps:N0} steps", steps, one);
        Console.WriteLine($"long against short, per step: write {one.Write / many.Write:F2}x, read {one.Read / many.Read:F2}x, heap {one.Heap / (double)Math.Max(1, many.Heap):F2}x");
        return 0;
    }

    private static async Task<(double Write, double Read, long Heap)> RecordAsync(RecorderHost silo, int length, int episodes)
    {
        var heap = GC.GetTotalMemory(forceFullCollection: true);
        var ids = new List<EpisodeId>();
        var clock = Stopwatch.StartNew();
        for (var e = 0; e < episodes; e++)
        {
            var worker = $"w{length}.{e}";
            var start = await silo.Worker(worker).Start(new StartEpisode
            {
                Project = EpisodeKey.DefaultProject, Worker = worker, Task = "long", VariantId = "v1", BodyHash = 1,
            });
            ids.Add(start.Record!.Key.Id);
            for (var i = 0; i < length; i++)
            {
                var ack = await silo.Episode(ids[e]).Append(new AppendSteps { From = i, Steps = TestSteps.Range("s", i, 1) });
                if (ack.Code != RollbookCode.Ok) throw new InvalidOperationException($"The append answered {ack.Code}.");
            }
        }

        var write = clock.Elapsed.TotalSeconds;
        heap = GC.GetTotalMemory(forceFullCollection: true) - heap;
        clock.Restart();
        foreach (var id in ids)
        {
            for (long at = 0; at < length;)
            {
                var page = await silo.Episode(id).ReadSteps(at, 10_000, TimeSpan.Zero);
                if (page.Steps.Count == 0) throw new InvalidOperationException($"The page at {at} is empty ({page.Code}).");
                at += page.Steps.Count;
            }
        }

        return (write, clock.Elapsed.TotalSeconds, heap);
    }

    private static void Report(string name, int steps, (double Write, double Read, long Heap) cost) => Console.WriteLine(
        $"{name}: write {cost.Write / steps * 1e6:F1} us/step, read {cost.Read / steps * 1e6:F2} us/step, heap {cost.Heap / (double)steps:F1} B/step");
}

using System.Diagnostics;
using System.Globalization;
using Rollbook.Cli;
using Rollbook.Testing;

namespace Rollbook.Benchmarks;

/// <summary>What archiving does to the acknowledgements of a given load, how far it is behind, and how fast it catches up with a recorder at full speed.</summary>
internal static class PaceBench
{
    private const int Episodes = 1000;
    private const double Segment = 64 << 20;
    // At a low rate: code is compiled by the number of its calls.
    private const double WarmupRate = 10_000;
    private static readonly TimeSpan Warmup = TimeSpan.FromSeconds(15);
    // A pack is made at 1 GiB at the latest, the warm-up included.
    private static readonly TimeSpan Without = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan FullSpeed = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LongestCatchUp = TimeSpan.FromMinutes(5);

    public static async Task<int> RunAsync(string[] args)
    {
        var rate = args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 50_000;
        var seconds = args.Length > 1 ? double.Parse(args[1], CultureInfo.InvariantCulture) : 60;
        foreach (var archives in new[] { false, true })
        {
            // Without: nothing is due within the run, which is short for it.
            Environment.SetEnvironmentVariable("Rollbook__Archive__PackSeconds", archives ? null : "3600");
            Environment.SetEnvironmentVariable("Rollbook__Archive__PackBytes", archives ? null : (1 << 30).ToString(CultureInfo.InvariantCulture));
            using var directory = new TempDirectory();
            await using var recorder = await RecorderProcess.StartAsync(RecorderProgram.Find(SiloPath.Directory), directory.Path, TimeProvider.System, CancellationToken.None);
            Console.WriteLine(archives ? "with archiving, as it is by default" : "without archiving");
            await new BenchSession(Plan(recorder, BenchPlan.Across, 1, Warmup) with { Rate = WarmupRate }, TimeProvider.System).RunAsync(CancellationToken.None);
            await LoadAsync(recorder, Plan(recorder, BenchPlan.Across, 1, archives ? TimeSpan.FromSeconds(seconds) : Without) with { Rate = rate });
            if (archives) await CatchUpAsync(recorder);
        }

        return 0;
    }

    private static BenchPlan Plan(RecorderProcess recorder, string mode, int batch, TimeSpan length) => new()
    {
        Via = BenchPlan.Http, Mode = mode, Episodes = Episodes, Length = length, Warmup = TimeSpan.FromSeconds(1), Batch = batch, Connections = mode == BenchPlan.Across ? 4 : Episodes, Url = recorder.Address, Seed = 1, Limits = false, Verify = 5,
    };

    private static async Task<BenchResult> LoadAsync(RecorderProcess recorder, BenchPlan plan)
    {
        using var metrics = new RecorderMetrics(recorder.Address);
        using var stop = new CancellationTokenSource();
        var samples = SampleAsync(metrics, stop.Token);
        var result = await new BenchSession(plan, TimeProvider.System).RunAsync(CancellationToken.None);
        await stop.CancelAsync();
        var backlog = await samples;
        Console.WriteLine(
            $"  {result.StepsPerSecond,9:N0} steps/s{(plan.Rate is { } rate ? $" of {rate:N0} offered" : "")}, ack p50 {result.Latency.Quantile(0.5).TotalMilliseconds:0.0} ms, p99 {result.Latency.Quantile(0.99).TotalMilliseconds:0.0} ms, p99.9 {result.Latency.Quantile(0.999).TotalMilliseconds:0.0} ms");
        Console.WriteLine($"  unpacked backlog in segments of 64 MiB: at most {backlog.DefaultIfEmpty().Max():0.00}; each 5 s: {string.Join(" ", backlog.Where((_, i) => i % 5 == 4).Select(segments => segments.ToString("0.0", CultureInfo.InvariantCulture)))}");
        return result;
    }

    private static async Task<List<double>> SampleAsync(RecorderMetrics metrics, CancellationToken stop)
    {
        var segments = new List<double>();
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            while (await tick.WaitForNextTickAsync(stop)) segments.Add((await metrics.ReadAsync()).BacklogBytes / Segment);
        }
        catch (OperationCanceledException)
        {
            // The load is over.
        }

        return segments;
    }

    private static async Task CatchUpAsync(RecorderProcess recorder)
    {
        using var metrics = new RecorderMetrics(recorder.Address);
        Console.WriteLine("  full speed, 64 steps an append:");
        var (before, clock) = ((await metrics.ReadAsync()).PackedSteps, Stopwatch.StartNew());
        await LoadAsync(recorder, Plan(recorder, BenchPlan.Batches, 64, FullSpeed));
        var (backlog, packed) = await metrics.ReadAsync();
        Console.WriteLine($"  packed meanwhile {(packed - before) / clock.Elapsed.TotalSeconds:N0} steps/s; {backlog / Segment:0.0} segments are left");
        clock.Restart();
        while (backlog > Segment && clock.Elapsed < LongestCatchUp)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            (backlog, var now) = await metrics.ReadAsync();
            if (backlog <= Segment) Console.WriteLine($"  caught up after {clock.Elapsed.TotalSeconds:0.0} s: {(now - packed) / clock.Elapsed.TotalSeconds:N0} steps/s");
        }

        if (backlog > Segment) throw new InvalidOperationException($"After {LongestCatchUp} there are still {backlog / Segment:0.0} segments that no pack holds.");
    }
}

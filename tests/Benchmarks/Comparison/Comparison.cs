using System.Globalization;
using Rollbook.Cli;

namespace Rollbook.Benchmarks;

/// <summary>Runs the stores and the recorder with the same steps on the same disk, one after another, and prints one table.</summary>
internal static class Comparison
{
    private static readonly TimeProvider Time = TimeProvider.System;

    public static async Task<int> RunAsync(string[] args)
    {
        var seconds = double.Parse(Option(args, "--seconds") ?? "5", CultureInfo.InvariantCulture);
        var episodes = int.Parse(Option(args, "--episodes") ?? "1000", CultureInfo.InvariantCulture);
        var root = Directory.CreateDirectory(Option(args, "--data") ?? Path.Combine(Path.GetTempPath(), "rollbook-compare")).FullName;
        Console.WriteLine($"| store | steps an append | episodes | steps/s | ack p50 | ack p99 | CPU s per million steps: store | client |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (var batch in new[] { 1, 64 })
        {
            foreach (var start in new Func<string, Task<Rival>>[] { FileRival.StartAsync, RedisRival.StartAsync, PostgresRival.StartAsync })
                await MeasureAsync(start, root, episodes, batch, TimeSpan.FromSeconds(seconds));
            foreach (var via in new[] { BenchPlan.Http, BenchPlan.Grain })
                await RecorderAsync(via, root, episodes, batch, seconds);
        }

        return 0;
    }

    private static async Task MeasureAsync(Func<string, Task<Rival>> start, string root, int episodes, int batch, TimeSpan length)
    {
        var directory = Path.Combine(root, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(directory);
        try
        {
            await using var rival = await start(directory);
            await MeasureAsync(rival, Math.Min(episodes, rival.MaxEpisodes), batch, length);
        }
        catch (FileNotFoundException missing)
        {
            Console.WriteLine($"| {missing.Message} | {batch} | – | – | – | – | – | – |");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task MeasureAsync(Rival rival, int count, int batch, TimeSpan length)
    {
        var pool = new StepPool(seed: 1);
        var episodes = Enumerable.Range(0, count).Select(number => new LoadEpisode(number)).ToArray();
        var writers = await Task.WhenAll(episodes.Select(episode => rival.OpenAsync(episode.Number)));
        await SendAsync(new LoadRun(episodes, batch, length / 4, null, Time), pool, writers);
        var server = rival.CpuSeconds();
        var client = Environment.CpuUsage.TotalTime;
        var run = new LoadRun(episodes, batch, length, null, Time);
        await SendAsync(run, pool, writers);
        client = Environment.CpuUsage.TotalTime - client;
        server = rival.CpuSeconds() - server;
        foreach (var writer in writers)
            await writer.DisposeAsync();
        var held = await rival.CountAsync();
        var sent = episodes.Sum(episode => episode.Next);
        if (held != sent) throw new InvalidOperationException($"{rival.Name} holds {held} steps of {sent} that it acknowledged.");
        Print(rival.Name, batch, count, run.Steps, run.Elapsed, run.Latency, server, client.TotalSeconds);
    }

    private static Task SendAsync(LoadRun run, StepPool pool, IEpisodeWriter[] writers) => Task.WhenAll(run.Episodes.Select(async episode =>
    {
        await Task.Yield();
        while (run.Take(episode) > 0)
        {
            var sent = run.Now();
            await writers[episode.Number].AppendAsync(pool, episode);
            run.Acknowledged(episode, sent);
        }
    }));

    private static async Task RecorderAsync(string via, string root, int episodes, int batch, double seconds)
    {
        var data = Path.Combine(root, Guid.NewGuid().ToString("N"));
        try
        {
            var result = await new BenchSession(
                new BenchPlan
                {
                    Via = via,
                    Mode = batch == 1 ? BenchPlan.Lockstep : BenchPlan.Batches,
                    Episodes = episodes,
                    Length = TimeSpan.FromSeconds(seconds),
                    Warmup = TimeSpan.FromSeconds(Math.Max(3, seconds / 4)),
                    Batch = batch,
                    Connections = via == BenchPlan.Http ? episodes : 1,
                    Data = data,
                    Seed = 1,
                    Limits = false,
                },
                Time).RunAsync(CancellationToken.None);
            var name = via == BenchPlan.Http ? "Rollbook, HTTP" : "Rollbook, Orleans gateway";
            Print(name, batch, episodes, result.Steps, result.Elapsed, result.Latency, result.ServerCpuSeconds ?? 0, result.ClientCpuSeconds);
        }
        finally
        {
            if (Directory.Exists(data)) Directory.Delete(data, recursive: true);
        }
    }

    private static void Print(string name, int batch, int episodes, long steps, TimeSpan elapsed, LatencyHistogram latency, double server, double client) => Console.WriteLine(
        $"| {name} | {batch} | {episodes:N0} | {steps / elapsed.TotalSeconds:N0} | {latency.Quantile(0.5).TotalMilliseconds:N1} ms | {latency.Quantile(0.99).TotalMilliseconds:N1} ms "
        + $"| {server / Math.Max(1, steps) * 1e6:N1} | {client / Math.Max(1, steps) * 1e6:N1} |");

    private static string? Option(string[] args, string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
}

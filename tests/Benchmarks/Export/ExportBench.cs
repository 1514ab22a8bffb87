using System.Diagnostics;
using System.Globalization;
using Rollbook.Cli;
using Rollbook.Client;
using Rollbook.Testing;

namespace Rollbook.Benchmarks;

/// <summary>How fast archived episodes leave a recorder, and what a step costs it: the whole way, from the day folders through the HTTP API.</summary>
internal static class ExportBench
{
    private const int EpisodeSteps = 100;
    private const int Runs = 3;
    private static readonly TimeSpan LongestSeal = TimeSpan.FromMinutes(10);
    private static readonly string[] Formats = ["jsonl", "reference", "parquet&table=steps"];

    public static async Task<int> RunAsync(string[] args)
    {
        var steps = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 500_000;
        using var temporary = new TempDirectory();
        var data = args.Length > 1 ? args[1] : temporary.Path;
        // As soon as there is something: the bench waits for the day folders.
        foreach (var option in new[] { "PackSeconds", "CompactSeconds" }) Environment.SetEnvironmentVariable("Rollbook__Archive__" + option, "1");
        await using var recorder = await RecorderProcess.StartAsync(RecorderProgram.Find(SiloPath.Directory), data, TimeProvider.System, CancellationToken.None);
        var stored = await SealedArchive.StepsAsync(data);
        if (stored < steps) await FillAsync(recorder, steps - (int)stored);
        await SealedArchive.WaitAsync(data, steps, LongestSeal);
        Console.WriteLine($"{steps:N0} archived steps as rollbook bench sends them, {steps / EpisodeSteps:N0} episodes; the reader shares the machine's {Environment.ProcessorCount} processors");
        foreach (var format in Formats)
        {
            for (var run = 0; run < Runs; run++) await MeasureAsync(recorder, format, steps);
        }

        return 0;
    }

    private static async Task FillAsync(RecorderProcess recorder, int steps)
    {
        var pool = new StepPool(1, 640);
        using var client = new RollbookHttpClient(new RollbookHttpOptions { BaseAddress = recorder.Address });
        await Parallel.ForEachAsync(Enumerable.Range(0, steps / EpisodeSteps), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (episode, cancellation) =>
        {
            var started = await client.StartAsync(
                $"export.{episode}", new EpisodeStart { Task = $"task-{episode % 50}", VariantId = "v1", GroupId = $"g{episode / 8}", Attempt = episode % 8 }, cancellationToken: cancellation);
            using var lines = new MemoryStream();
            for (var ordinal = 0; ordinal < EpisodeSteps; ordinal++)
            {
                lines.Write(pool.ToArray(episode, ordinal));
                lines.WriteByte((byte)'\n');
            }

            await client.AppendAsync(started.EpisodeId, 0, lines.ToArray(), started.WriterEpoch, cancellation);
            await client.EndAsync(started.EpisodeId, new EpisodeEnd { NextOrdinal = EpisodeSteps, FinalScore = episode % 2 }, cancellation);
        });
    }

    private static async Task MeasureAsync(RecorderProcess recorder, string format, int steps)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = recorder.Address, Timeout = Timeout.InfiniteTimeSpan };
        var (cpu, clock) = (recorder.CpuTime, Stopwatch.StartNew());
        await using var stream = await http.GetStreamAsync($"v1/export?format={format}");
        var buffer = new byte[1 << 20];
        var (bytes, lines) = (0L, 0L);
        for (int read; (read = await stream.ReadAsync(buffer)) > 0; bytes += read) lines += buffer.AsSpan(0, read).Count((byte)'\n');
        var (seconds, used) = (clock.Elapsed.TotalSeconds, (recorder.CpuTime - cpu).TotalSeconds);
        if (format == "jsonl" && lines < steps) throw new InvalidOperationException($"{lines:N0} lines came, and there are {steps:N0} steps.");
        Console.WriteLine(
            $"  {format,-20} {steps / seconds,10:N0} steps/s, {bytes / seconds / 1048576,6:N0} MiB/s, {used * 1e6 / steps,6:F2} CPU-seconds of the recorder per million steps ({steps / used:N0} steps a CPU-second)");
    }
}

using System.Diagnostics;
using Rollbook.Episodes;
using Rollbook.StepLog;
using Rollbook.Testing;

namespace Rollbook.Benchmarks;

/// <summary>The write-ahead log alone on the local device: 1,000 producers, frames of 1,160 bytes a step.</summary>
internal static class LogBench
{
    private const int Producers = 1000;
    private const int StepBytes = 1160;
    private static readonly int ChunkBytes = int.Parse(Environment.GetEnvironmentVariable("ROLLBOOK_BENCH_CHUNK") ?? "1048576", System.Globalization.CultureInfo.InvariantCulture);
    private static readonly int Runs = int.Parse(Environment.GetEnvironmentVariable("ROLLBOOK_BENCH_RUNS") ?? "5", System.Globalization.CultureInfo.InvariantCulture);

    public static async Task<int> RunAsync(string[] args)
    {
        var disk = !args.Contains("--no-disk");
        args = [.. args.Where(static a => a != "--no-disk")];
        var root = args.Length > 0 ? args[0] : Path.Combine(Path.GetTempPath(), "rollbook-bench");
        if (disk) RawCommit(Path.Combine(root, Guid.NewGuid().ToString("N")));
        foreach (var (name, batch, steps) in new[] { ("lockstep, 1 step a frame", 1, 2_000_000), ("batched, 64 steps a frame", 64, 4_000_000) })
        {
            var rates = new List<double>();
            for (var run = 0; run < Runs; run++)
            {
                var (rate, cpu) = await MeasureAsync(Path.Combine(root, Guid.NewGuid().ToString("N")), batch, steps, disk);
                rates.Add(rate);
                Console.WriteLine($"  {name}: {rate:N0} steps/s, {cpu * 1e6:F2} CPU-seconds per million steps");
            }

            rates.Sort();
            Console.WriteLine($"{name}, {Producers} producers, {StepBytes} B a step: median {rates[Runs / 2]:N0} steps/s (min {rates[0]:N0}, max {rates[^1]:N0})");
        }

        return 0;
    }

    private static async Task<(double Rate, double CpuPerStep)> MeasureAsync(string directory, int batch, int steps, bool disk)
    {
        Directory.CreateDirectory(directory);
        try
        {
            // Segments are written once before, as they are in a recorder that runs for a while and recycles them.
            var segments = (int)((long)steps * (StepBytes + 64) / (64 << 20)) + 4;
            var local = new LocalStepLogOptions { DataDirectory = directory, AllowUnsafeFileSystem = true, DiskReserveBytes = 0, SpareSegments = segments };
            if (disk) MakeSpares(directory, segments);
            using var localStorage = new LocalStepLogStorage(local);
            using var noDisk = new NoDiskStorage();
            IStepLogStorage storage = disk ? localStorage : noDisk;
            using var meter = new StepLogMeter();
            var log = new WriteAheadLog(LogId.New(TimeProvider.System), storage, new LocalLogIndexStore(local), new StepLogOptions { MaxBytesInFlight = 256 << 20, ChunkBytes = ChunkBytes }, TimeProvider.System, meter);
            await Task.Run(() => log.StartAsync(CancellationToken.None));
            var payload = TestSteps.OfLength(batch, StepBytes - StepEntry.HeaderSize - 55);
            var claims = new List<LogClaim>();
            for (var i = 0; i < Producers; i++) claims.Add(await ClaimAsync(log, i));
            var cpu = Environment.CpuUsage.TotalTime;
            var clock = Stopwatch.StartNew();
            var perProducer = steps / Producers / batch;
            await Task.WhenAll(claims.Select(claim => Task.Run(() => ProduceAsync(log, claim, payload, perProducer))));
            var seconds = clock.Elapsed.TotalSeconds;
            var used = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
            await log.CloseAsync();
            var total = (double)perProducer * batch * Producers;
            return (total / seconds, used / total);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    // The limit: the same bytes in chunks of the same size, written over and flushed by one thread, and nothing else.
    private static void RawCommit(string directory)
    {
        Directory.CreateDirectory(directory);
        try
        {
            var chunk = new byte[ChunkBytes];
            using var file = File.OpenHandle(Path.Combine(directory, "raw"), FileMode.Create, FileAccess.ReadWrite);
            var rates = new List<double>();
            for (var run = 0; run <= Runs; run++)
            {
                var clock = Stopwatch.StartNew();
                for (var i = 0; i < 128; i++)
                {
                    RandomAccess.Write(file, chunk, (long)i * chunk.Length);
                    NativeDisk.Flush(file);
                }

                // The first pass makes the file.
                if (run > 0) rates.Add(128.0 * chunk.Length / clock.Elapsed.TotalSeconds);
            }

            rates.Sort();
            var median = rates[rates.Count / 2];
            Console.WriteLine($"raw write and flush of {chunk.Length >> 10} KiB: median {median / 1e6:N0} MB/s, which would be {median / StepBytes:N0} steps/s");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task ProduceAsync(WriteAheadLog log, LogClaim claim, EncodedSteps payload, int frames)
    {
        for (var i = 0; i < frames; i++) await log.Append(claim, FrameKind.Steps, payload.Count, payload.Bytes.Span);
    }

    private static async Task<LogClaim> ClaimAsync(WriteAheadLog log, int number)
    {
        var record = new EpisodeRecord
        {
            Key = new EpisodeKey(EpisodeKey.DefaultProject, EpisodeId.New(TimeProvider.System)),
            Worker = $"bench.{number}", Task = "bench", VariantId = "v", StartTime = 0,
        };
        var claim = log.Begin(1, new EpisodeTail(record, StepSummary.Empty, 1, null), out var commit);
        await commit;
        log.Confirm(claim);
        return claim;
    }

    private static void MakeSpares(string directory, int segments)
    {
        var paths = new LocalPaths(directory);
        Directory.CreateDirectory(paths.Spares);
        var zeros = new byte[1 << 20];
        for (var i = 0; i < segments; i++)
        {
            using var file = File.OpenHandle(paths.Spare(i), FileMode.Create, FileAccess.Write);
            for (var at = 0L; at < 64 << 20; at += zeros.Length) RandomAccess.Write(file, zeros, at);
            NativeDisk.Flush(file);
        }
    }
}

using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using Rollbook.Archive;
using Rollbook.Testing;

namespace Rollbook.Benchmarks;

/// <summary>What a step costs on its way into a Parquet file, by several writers, and out of it again.</summary>
internal static class PacksBench
{
    private const int Runs = 3;
    private const int PoolOfTheBench = 640;
    private const int PoolWithoutRepeats = 40_000;

    public static async Task<int> RunAsync(string[] args)
    {
        var steps = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 200_000;
        foreach (var (name, variety) in new[] { ("as rollbook bench sends them", PoolOfTheBench), ("of which no two in a row group are alike", PoolWithoutRepeats) })
        {
            var content = new PackContent(steps, variety);
            Console.WriteLine($"{steps:N0} steps {name}, {content.Bytes / steps:N0} bytes an entry");
            if (args.Contains("--tune")) await TuneAsync(content);
            else await CompareAsync(content);
        }

        return 0;
    }

    private static async Task CompareAsync(PackContent content)
    {
        var ours = new MemoryStream();
        await MeasureAsync("ParquetSharp, as packs are written", content, () => Ours(content, ours, PackTuning.Default));
        Read(content, ours);
        await MeasureAsync("Parquet.Net", content, async () =>
        {
            var file = new MemoryStream();
            await ParquetNetRival.WriteAsync(content, file);
            return file.Length;
        });
        using var directory = new TempDirectory();
        await MeasureAsync("DuckDB, appender and COPY", content, () =>
        {
            var path = Path.Combine(directory.Path, "rival.parquet");
            DuckDbRival.Write(content, path);
            return Task.FromResult(new FileInfo(path).Length);
        });
    }

    private static async Task TuneAsync(PackContent content)
    {
        var file = new MemoryStream();
        foreach (var level in new[] { 1, 3 })
        {
            foreach (var rows in new[] { 2048, 4096, 8192, 16384 })
            {
                foreach (var page in new[] { 64, 256, 1024 })
                {
                    foreach (var dictionary in new[] { 256, 1024 })
                    {
                        var tuning = new PackTuning { Level = level, GroupRows = rows, GroupBytes = 64 << 20, PageBytes = page << 10, DictionaryBytes = dictionary << 10 };
                        await MeasureAsync($"level {level}, {rows,5} rows, pages of {page,4} KiB, dictionaries of {dictionary,4} KiB", content, () => Ours(content, file, tuning));
                    }
                }
            }
        }
    }

    private static Task<long> Ours(PackContent content, MemoryStream file, PackTuning tuning)
    {
        file.SetLength(0);
        using var hashing = new HashingStream(file);
        using var writer = new StepPackWriter(hashing, tuning);
        foreach (var step in content.Steps) writer.Add(step);
        writer.Complete();
        return Task.FromResult(file.Length);
    }

    private static async Task MeasureAsync(string name, PackContent content, Func<Task<long>> write)
    {
        var (best, garbage, length) = (double.MaxValue, 0.0, 0L);
        for (var run = 0; run < Runs; run++)
        {
            GC.Collect();
            var allocated = GC.GetTotalAllocatedBytes(precise: true);
            var cpu = Environment.CpuUsage.TotalTime;
            length = await write();
            best = Math.Min(best, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
            garbage = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        }

        var count = content.Steps.Count;
        Console.WriteLine(
            $"  {name}: {best * 1e6 / count:F2} CPU-seconds per million steps, {length / (double)count:F1} bytes a step, {garbage / count:F0} bytes of garbage a step");
    }

    private static void Read(PackContent content, MemoryStream file)
    {
        var cpu = Environment.CpuUsage.TotalTime;
        using (var all = new StepPackReader(file, "bench"))
        {
            if (all.ReadAll().Count() != content.Steps.Count) throw new InvalidOperationException("Rows are missing.");
        }

        Console.WriteLine($"  reading all of it: {(Environment.CpuUsage.TotalTime - cpu).TotalSeconds * 1e6 / content.Steps.Count:F2} CPU-seconds per million steps");
        var random = new Random(1);
        var times = new List<double>();
        var bytes = 0L;
        for (var i = 0; i < 200; i++)
        {
            var clock = Stopwatch.StartNew();
            using var one = new StepPackReader(file, "bench");
            one.Read(content.Steps[random.Next(content.Steps.Count)].Episode, 0, 1000, new ArrayBufferWriter<byte>());
            times.Add(clock.Elapsed.TotalMilliseconds);
            bytes += one.BytesRead;
        }

        times.Sort();
        Console.WriteLine($"  opening it and reading one episode: median {times[100]:F1} ms, p99 {times[197]:F1} ms, {bytes / 200 / 1024:N0} of {file.Length / 1024:N0} KiB read");
    }
}

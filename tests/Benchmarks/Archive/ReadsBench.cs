using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using DuckDB.NET.Data;
using Rollbook.Cli;
using Rollbook.Client;
using Rollbook.Testing;

namespace Rollbook.Benchmarks;

/// <summary>Single episodes out of a large archive through the HTTP API, and SQL over all its steps against DuckDB on the same files.</summary>
internal static class ReadsBench
{
    private const int ShortSteps = 20;
    private const int ProbeSteps = 50;
    private const int Probes = 400;
    private const int LongSteps = 350_000;
    private const int PageSteps = 1000;
    private const int Lanes = 16;
    private const int AppendSteps = 5000;
    private static readonly TimeSpan LongestSeal = TimeSpan.FromHours(1);
    private static readonly string[] Statements =
    [
        "SELECT action_type, count(*), avg(reward), sum(duration_ms) FROM {0} GROUP BY action_type ORDER BY 1",
        "SELECT error IS NOT NULL AS failed, action_type, count(*), quantile_cont(reward, 0.5) FROM {0} GROUP BY ALL ORDER BY 1, 2",
        "SELECT count(*), count(DISTINCT action_path), avg(length(observation)) FROM {0}",
    ];

    public static async Task<int> RunAsync(string[] args)
    {
        var episodes = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1_000_000;
        using var temporary = new TempDirectory();
        // A directory that is named is kept: the next run finds its episodes.
        var data = args.Length > 1 ? Directory.CreateDirectory(args[1]).FullName : temporary.Path;
        foreach (var option in new[] { "PackSeconds", "CompactSeconds" }) Environment.SetEnvironmentVariable("Rollbook__Archive__" + option, "1");
        await using var recorder = await RecorderProcess.StartAsync(RecorderProgram.Find(SiloPath.Directory), data, TimeProvider.System, CancellationToken.None);
        var clock = Stopwatch.StartNew();
        var probes = await FillAsync(recorder, data, episodes);
        Console.WriteLine($"{episodes:N0} archived episodes, {await SealedArchive.StepsAsync(data):N0} steps, {(await SealedArchive.StepFilesAsync(data)).Count} files of steps; made or found in {clock.Elapsed.TotalSeconds:N0} s");
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = recorder.Address, Timeout = TimeSpan.FromMinutes(5) };
        var random = new Random(1);
        await TimeAsync($"an episode of {ProbeSteps} steps", 1000, () => ReadAsync(http, $"v1/episodes/{probes[1 + random.Next(Probes)]}"));
        await TimeAsync("its steps alone", 1000, () => ReadAsync(http, $"v1/episodes/{probes[1 + random.Next(Probes)]}/steps"));
        await TimeAsync($"first {PageSteps:N0} steps of {LongSteps:N0}", 20, () => ReadAsync(http, $"v1/episodes/{probes[0]}/steps?limit={PageSteps}"));
        await TimeAsync($"last {PageSteps:N0} steps of {LongSteps:N0}", 20, () => ReadAsync(http, $"v1/episodes/{probes[0]}/steps?from={LongSteps - PageSteps}&limit={PageSteps}"));
        await CompareAsync(http, data);
        return 0;
    }

    /// <summary>Records what is not there yet: many short episodes and among them those that are read, the longest first.</summary>
    private static async Task<string[]> FillAsync(RecorderProcess recorder, string data, int episodes)
    {
        var list = Path.Combine(data, "reads-bench.txt");
        if (File.Exists(list)) return await File.ReadAllLinesAsync(list);
        var pool = new StepPool(1, 640);
        using var client = new RollbookHttpClient(new RollbookHttpOptions { BaseAddress = recorder.Address });
        var probes = new string[1 + Probes];
        probes[0] = await RecordAsync(client, pool, "reads.long", episodes, LongSteps);
        var every = Math.Max(1, episodes / Probes);
        await Parallel.ForEachAsync(Enumerable.Range(0, Lanes), new ParallelOptions { MaxDegreeOfParallelism = Lanes }, async (lane, _) =>
        {
            for (var episode = lane; episode < episodes; episode += Lanes)
            {
                var probe = episode % every == 0 && episode / every < Probes;
                var id = await RecordAsync(client, pool, $"reads.{lane}.{episode / Lanes % 64}", episode, probe ? ProbeSteps : ShortSteps);
                if (probe) probes[1 + (episode / every)] = id;
            }
        });
        await SealedArchive.WaitAsync(data, LongSteps + ((long)Probes * ProbeSteps) + ((episodes - Probes) * (long)ShortSteps), LongestSeal);
        await File.WriteAllLinesAsync(list, probes);
        return probes;
    }

    private static async Task<string> RecordAsync(RollbookHttpClient client, StepPool pool, string worker, int episode, int steps)
    {
        var started = await client.StartAsync(worker, new EpisodeStart { Task = $"task-{episode % 500}", VariantId = "v1", GroupId = $"g{episode / 8}", Attempt = episode % 8 });
        using var lines = new MemoryStream();
        for (var ordinal = 0; ordinal < steps;)
        {
            lines.SetLength(0);
            var from = ordinal;
            for (; ordinal < steps && ordinal < from + AppendSteps; ordinal++)
            {
                lines.Write(pool.ToArray(episode, ordinal));
                lines.WriteByte((byte)'\n');
            }

            await client.AppendAsync(started.EpisodeId, from, lines.ToArray(), started.WriterEpoch);
        }

        await client.EndAsync(started.EpisodeId, new EpisodeEnd { NextOrdinal = steps, FinalScore = episode % 2 });
        return started.EpisodeId;
    }

    private static async Task<string> ReadAsync(HttpClient http, string path)
    {
        var bytes = await http.GetByteArrayAsync(path);
        return $"{bytes.Length >> 10:N0} KiB";
    }

    private static async Task CompareAsync(HttpClient http, string data)
    {
        using var duckDb = new DuckDBConnection("DataSource=:memory:");
        duckDb.Open();
        var files = string.Join(", ", (await SealedArchive.StepFilesAsync(data)).Select(file => $"'{file.Replace("'", "''", StringComparison.Ordinal)}'"));
        foreach (var statement in Statements)
        {
            var sql = string.Format(CultureInfo.InvariantCulture, statement, "steps");
            Console.WriteLine(sql);
            var here = await TimeAsync("  POST /v1/query", 5, async () =>
            {
                using var answer = await http.PostAsJsonAsync("v1/query", new { sql });
                answer.EnsureSuccessStatusCode();
                return $"{JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync()).RootElement.GetProperty("rows").GetArrayLength()} rows";
            });
            var direct = await TimeAsync("  DuckDB on the files", 5, () => Task.FromResult($"{Rows(duckDb, string.Format(CultureInfo.InvariantCulture, statement, $"read_parquet([{files}])"))} rows"));
            Console.WriteLine($"  {here / direct:0.00} times as long");
        }
    }

    private static int Rows(DuckDBConnection duckDb, string sql)
    {
        using var command = duckDb.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = 0;
        while (reader.Read()) rows++;
        return rows;
    }

    private static async Task<double> TimeAsync(string name, int rounds, Func<Task<string>> read)
    {
        await read();
        var times = new List<double>(rounds);
        var what = "";
        for (var i = 0; i < rounds; i++)
        {
            var began = Stopwatch.GetTimestamp();
            what = await read();
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        times.Sort();
        Console.WriteLine($"{name,-34} p50 {times[rounds / 2],7:0.0} ms   p99 {times[Math.Min(rounds - 1, rounds * 99 / 100)],7:0.0} ms   ({what})");
        return times[rounds / 2];
    }
}

using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Options;
using Rollbook.Query;
using Rollbook.Testing;
using Rollbook.Testing.Query;

namespace Rollbook.Benchmarks;

/// <summary>Listings and statistics over a large archive, with running episodes beside it, as the API asks for them.</summary>
internal static class HistoryBench
{
    private const string Project = EpisodeKey.DefaultProject;
    private const int Running = 5_000;

    public static async Task<int> RunAsync(string[] args)
    {
        var episodes = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1_000_000;
        using var temporary = new TempDirectory();
        // A directory that is named is kept: the next run finds its files.
        var directory = args.Length > 1 ? Directory.CreateDirectory(args[1]).FullName : temporary.Path;
        var clock = Stopwatch.StartNew();
        var files = HistoryFiles.Write(directory, episodes);
        Console.WriteLine($"{episodes:N0} episodes in {files.Count} files, {files.Sum(file => new FileInfo(file.Path).Length) >> 20:N0} MiB, {clock.Elapsed.TotalSeconds:0.0} s");

        var sources = new FakeSources();
        sources.Projects[Project] = new QuerySource { Episodes = files, Live = Live(episodes, 0), AsOf = DateTimeOffset.UnixEpoch };
        using var queries = new EpisodeQueries(sources, Options.Create(new QueryOptions { Threads = 2, ListingSeconds = 300, SpillDirectory = Path.Combine(temporary.Path, "spill") }), TimeProvider.System);
        clock.Restart();
        await queries.ListAsync(Project, new EpisodeFilter(), Order("-start_time"), 100, null, default);
        Console.WriteLine($"first query, which reads the files: {clock.Elapsed.TotalSeconds:0.00} s; working set {Environment.WorkingSet >> 20:N0} MiB");

        var moments = 0;
        // Each pin has other live rows, as a recorder at work has.
        sources.OnPin = (_, _) =>
        {
            sources.Projects[Project] = sources.Projects[Project] with { Live = Live(episodes, ++moments) };
            return Task.CompletedTask;
        };
        await MeasureAllAsync(queries, args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 100);
        Console.WriteLine($"{moments} moments were pinned meanwhile; working set {Environment.WorkingSet >> 20:N0} MiB");
        return 0;
    }

    private static async Task MeasureAllAsync(EpisodeQueries queries, int rounds)
    {
        var lists = new List<double>();
        await ListAsync("newest", "-start_time", _ => new EpisodeFilter());
        await ListAsync("newest of a task", "-start_time", i => Text("task", $"org/repo#{i % 500}"));
        await ListAsync("a worker's, longest first", "-duration", i => Text("worker", $"host-{i % 2000}"));
        await ListAsync("lost, newest first", "-end_time", _ => Text("status", "lost"));
        await ListAsync("best of a policy", "-score", i => Text("policy_version", $"policy-{i % 20}"));
        await ListAsync("worst of all", "score", _ => new EpisodeFilter());
        await ListAsync("score from 0.5 and pinned", "-steps", _ => new EpisodeFilter { MinScore = 0.5, Labels = ["pinned"] });
        await ListAsync("one day", "start_time", i => Day(i % 28));
        Tell("all lists above", lists, "");
        await MeasureAsync("list: one day, pinned for it", rounds, async _ => (await queries.ListAsync(Project, Day(3), Order("start_time"), 100, null, default, fresh: true)).Items.Count);
        await StatsAsync("all in one", []);
        await StatsAsync("by task", ["task"]);
        await StatsAsync("by task and variant", ["task", "variant_id"]);
        await StatsAsync("by day and status", ["day", "status"]);
        await StatsAsync("by policy, of a task", ["policy_version"], Text("task", "org/repo#7"));
        await MeasureAsync("workers, last seen first", rounds, async _ => (await queries.WorkersAsync(
            Project, new EpisodeFilter(), ListOrder.Workers.Single(order => order.Name == "-last_seen"), 100, null, default)).Items.Count);

        async Task ListAsync(string name, string order, Func<int, EpisodeFilter> filter) => lists.AddRange(await MeasureAsync(
            $"list: {name}", rounds, async i => (await queries.ListAsync(Project, filter(i), Order(order), 100, null, default)).Items.Count));

        Task StatsAsync(string name, string[] by, EpisodeFilter? filter = null) => MeasureAsync(
            $"stats: {name}", rounds, async _ => (await queries.StatsAsync(Project, new StatsRequest { GroupBy = by, Ks = [1, 8], Filter = filter ?? new EpisodeFilter() }, default)).Groups.Count);
    }

    private static async Task<List<double>> MeasureAsync(string name, int rounds, Func<int, Task<int>> query)
    {
        var times = new List<double>();
        var rows = 0;
        var spent = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < rounds; i++)
        {
            var began = Stopwatch.GetTimestamp();
            rows = await query(i);
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        spent = Environment.CpuUsage.TotalTime - spent;
        Tell(name, times, $"   CPU {spent.TotalMilliseconds / rounds,6:0.0} ms, pins included   ({rows} rows)");
        return times;
    }

    private static void Tell(string name, List<double> times, string more)
    {
        times.Sort();
        Console.WriteLine($"{name,-34} p50 {times[times.Count / 2],6:0.0} ms   p95 {times[times.Count * 95 / 100],6:0.0} ms{more}");
    }

    private static EpisodeFilter Text(string field, string value) => new() { Texts = new Dictionary<string, IReadOnlyList<string>> { [field] = [value] } };

    private static EpisodeFilter Day(int number) => new() { Since = 1_760_000_000 + (86_400.0 * number), Until = 1_760_086_400 + (86_400.0 * number) };

    private static ListOrder Order(string name) => ListOrder.Episodes.Single(order => order.Name == name);

    private static List<LiveEpisode> Live(int from, int moment) =>
        [.. Enumerable.Range(from, Running).Select(i => Rows.Episode(i, score: null, status: EpisodeStatus.Running, chunk: moment).With(r => r with { StartTime = 1_760_000_000 + (i * 2.5) }))];
}

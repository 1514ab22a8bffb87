using System.Globalization;
using System.Text.Json;

namespace Rollbook.Crash.Tests;

/// <summary>T1 with an archive in a hurry: SIGKILL in the middle of packing and compacting, under a load whose episodes are asked for all the time.</summary>
public sealed class ArchiveKillTests
{
    private const int Seed = 11;
    private const int Workers = 64;
    private static readonly TimeSpan LongestSettling = TimeSpan.FromSeconds(180);

    private static int Kills =>
        Environment.GetEnvironmentVariable("ROLLBOOK_ARCHIVE_KILLS") is { Length: > 0 } kills ? int.Parse(kills, CultureInfo.InvariantCulture) : 10;

    [Fact]
    public async Task Kill_WhilePackingAndCompacting_EachEpisodeIsListedOnceAndEachStepIsThereOnce()
    {
        var random = new Random(Seed);
        using var directory = new TempDirectory();
        var target = new LoadTarget();
        var load = new LoadGenerator(Seed, Workers, target);
        var oracle = new QueryOracle(target, load.Ended);
        load.Start();
        oracle.Start();
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var silo = await SiloProcess.StartAsync(directory.Path, ArchiveSettings.Hurried);
            using var watch = new ArchiveWatch(directory.Path, random.Next(1, 40));
            target.Up(silo);
            await load.MoreAsync(random.Next(64, 2000));
            // Some recorders live until they have answered whole, and some die before.
            if (kill % 2 == 1) await oracle.NextCompleteAsync();
            // Within a file's writing or publishing; a machine that is slow may have none left to come.
            await Task.WhenAny(watch.Reached, load.MoreAsync(20_000));
            await silo.KillAsync();
            await target.DownAsync(silo);
        }

        await using var last = await SiloProcess.StartAsync(directory.Path, ArchiveSettings.Hurried);
        target.Up(last);
        await load.MoreAsync(Workers * 10);
        await oracle.NextCompleteAsync();
        await load.StopAsync();
        await oracle.StopAsync();
        using var client = last.Client(TimeSpan.FromSeconds(30));
        var report = await Checker.CheckAsync(client, load.Journals);
        var ended = load.Ended.Before(TimeSpan.Zero);
        using var reads = new QueryReads(last.Address);
        await CheckSumsAsync(reads, ended);
        var steps = await CheckStepsAsync(reads, ended);
        var sealedEpisodes = await CheckFoldersAsync(directory.Path, ended);

        Figures.Report("T1", string.Create(
            CultureInfo.InvariantCulture,
            $"{Kills} kills while packing and compacting under {Workers} workers: {report.Steps} steps of {report.Episodes} episodes acknowledged, {report.Lost.Count} lost, {report.Wrong.Count} wrong; "
            + $"{oracle.Complete.Lists} lists, {oracle.Complete.Stats} statistics and {oracle.Complete.Statements} statements complete meanwhile ({oracle.Incomplete} said that they were not), {oracle.Wrong.Count} of them wrong; "
            + $"fresh SQL has {steps} steps of {ended.Count} ended episodes, and DuckDB alone those of {sealedEpisodes} sealed ones, each once"));
        report.AssertClean();
        Assert.True(oracle.Wrong.Count == 0, string.Join('\n', oracle.Wrong.Take(20)));
        Assert.True(oracle.Complete is { Lists: > 0, Stats: > 0, Statements: > 0 }, "Nothing was asked while the load ran.");
    }

    private static async Task CheckSumsAsync(QueryReads reads, Dictionary<string, EpisodeJournal> ended)
    {
        var expected = ended.Values.GroupBy(static e => $"task-{e.Worker % 8}").ToDictionary(
            static g => g.Key, static g => ((long)g.Count(), g.Sum(static e => e.Acknowledged), g.Sum(static e => e.EndSent!.Value)));
        var stats = await CompleteAsync(() => reads.StatsAsync("&status=completed", CancellationToken.None));
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), stats.Keys.Order(StringComparer.Ordinal));
        foreach (var (task, (count, steps, scores)) in expected)
        {
            Assert.Equal((count, steps), (stats[task].Count, stats[task].Steps));
            Assert.Equal(scores, stats[task].Scores, 1e-6);
        }

        var rows = await CompleteAsync(() => reads.SqlAsync(
            "SELECT task, count(*), sum(step_count)::BIGINT, sum(final_score) FROM episodes WHERE status = 'completed' GROUP BY 1", fresh: false, CancellationToken.None));
        Assert.Equal(expected.Count, rows.Count);
        foreach (var row in rows)
        {
            var (count, steps, scores) = expected[row[0].GetString()!];
            Assert.Equal((count, steps), (row[1].GetInt64(), row[2].GetInt64()));
            Assert.Equal(scores, row[3].GetDouble(), 1e-6);
        }
    }

    private static async Task<long> CheckStepsAsync(QueryReads reads, Dictionary<string, EpisodeJournal> ended)
    {
        var rows = await CompleteAsync(() => reads.SqlAsync(
            "SELECT episode_id, count(*), count(DISTINCT ordinal), max(ordinal) FROM steps GROUP BY 1", fresh: true, CancellationToken.None));
        var found = rows.ToDictionary(static r => r[0].GetString()!, static r => (r[1].GetInt64(), r[2].GetInt64(), r[3].GetInt64()));
        foreach (var (id, episode) in ended)
            Assert.Equal((episode.Acknowledged, episode.Acknowledged, episode.Acknowledged - 1), found.GetValueOrDefault(id));
        foreach (var (id, episode) in ended.Where(static (_, i) => i % 20 == 0))
        {
            var content = await CompleteAsync(() => reads.SqlAsync(
                $"SELECT ordinal, observation, action_path, thought, duration_ms FROM steps WHERE episode_id = '{id}' ORDER BY ordinal", fresh: true, CancellationToken.None));
            Assert.Equal(episode.Acknowledged, content.Count);
            for (var i = 0; i < content.Count; i++)
            {
                using var sent = JsonDocument.Parse(episode.Step(i));
                var step = sent.RootElement;
                Assert.Equal(
                    (i, step.GetProperty("observation_snapshot").GetRawText(), step.GetProperty("action_path").GetString(), step.GetProperty("thought").GetString(), step.GetProperty("duration_ms").GetDouble()),
                    (content[i][0].GetInt64(), content[i][1].GetString(), content[i][2].GetString(), content[i][3].GetString(), content[i][4].GetDouble()));
            }
        }

        return ended.Values.Sum(static e => e.Acknowledged);
    }

    private static async Task<int> CheckFoldersAsync(string data, Dictionary<string, EpisodeJournal> ended)
    {
        using var folders = new DayFolders(data);
        var begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                if (folders.Exist && folders.Episodes() is var there && ended.Keys.All(there.ContainsKey)) break;
            }
            catch (DuckDB.NET.Data.DuckDBException)
            {
                // A file of an unfinished compaction was deleted between the look and the reading.
            }

            Assert.True(TimeProvider.System.GetElapsedTime(begun) < LongestSettling, "Not every ended episode was sealed.");
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        }

        // What nobody lists is swept in the same round.
        Dictionary<string, (long Rows, string Status)> episodes;
        while ((episodes = folders.Episodes()).Values.Any(static e => e.Rows != 1) && TimeProvider.System.GetElapsedTime(begun) < LongestSettling)
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        var steps = folders.Steps();
        Assert.All(episodes.Values, static e => Assert.Equal(1, e.Rows));
        Assert.All(steps.Values, static s => Assert.Equal((s.Ordinals, s.Last + 1), (s.Steps, s.Ordinals)));
        foreach (var (id, episode) in ended)
        {
            Assert.Equal("completed", episodes[id].Status);
            Assert.Equal((episode.Acknowledged, episode.Acknowledged, episode.Acknowledged - 1), steps[id]);
        }

        var (first, journal) = ended.First();
        Assert.Equal(
            Enumerable.Range(0, (int)journal.Acknowledged).Select(i => JsonDocument.Parse(journal.Step(i)).RootElement.GetProperty("observation_snapshot").GetRawText()),
            folders.Observations(first));
        return episodes.Count;
    }

    private static async Task<T> CompleteAsync<T>(Func<Task<T?>> ask)
        where T : class
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (await ask() is { } answer) return answer;
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < LongestSettling, "No answer was complete.");
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }
    }
}

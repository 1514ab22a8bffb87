using System.Globalization;
using DuckDB.NET.Data;
using Rollbook.Query;
using Rollbook.Testing;
using Rollbook.Testing.Query;
using Xunit;

namespace Rollbook.Grains.Tests.Query.Table;

/// <summary>Which row of an episode counts, as files and live rows come and go.</summary>
public sealed class EpisodeTableTests : IDisposable
{
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("ROLLBOOK_QUERY_ROUNDS") ?? "40", CultureInfo.InvariantCulture);

    private readonly QuerySubject subject = new();

    public void Dispose() => subject.Dispose();

    [Fact]
    public async Task List_WhenArchivedAndLive_GivesEveryFieldAsItWas()
    {
        var archived = Rows.Episode(2);
        var live = Rows.Episode(3, status: EpisodeStatus.Running);
        subject.Source = new QuerySource { Episodes = [subject.File("a", archived)], Live = [live] };

        var page = await subject.ListAsync();

        Assert.Equal([Text(archived), Text(live)], page.Items.Select(Text));
    }

    [Theory]
    [InlineData(1, 0, 0, "old")]
    [InlineData(2, 5, 0, "new")]
    [InlineData(2, 3, 9, "old")]
    [InlineData(3, 0, 0, "new")]
    public async Task List_WhenLiveRowOfAnArchivedEpisode_TheNewerCounts(long term, long chunk, int place, string wins)
    {
        subject.Source = new QuerySource
        {
            Episodes = [subject.File("a", Rows.Episode(1, term: 2, chunk: 4, place: 7).With(r => r with { EndCause = "old" }))],
            Live = [Rows.Episode(1, term: term, chunk: chunk, place: place).With(r => r with { EndCause = "new" })],
        };

        Assert.Equal(wins, Assert.Single((await subject.ListAsync()).Items).Record.EndCause);
    }

    [Fact]
    public async Task List_WhenEpisodesAreDeleted_HidesArchivedAndLiveOnesUntilTheFilesAreWrittenAnew()
    {
        var file = subject.File("a", Rows.Episode(1), Rows.Episode(2));
        var both = new QuerySource { Episodes = [file], Live = [Rows.Episode(2, term: 9), Rows.Episode(3), Rows.Episode(4, status: EpisodeStatus.Running)] };
        subject.Source = both;
        Assert.Equal(4, (await subject.ListAsync()).Items.Count);

        subject.Source = both with { Deleted = new HashSet<EpisodeId> { Rows.Id(2), Rows.Id(3) } };
        Assert.Equal([Rows.Id(1), Rows.Id(4)], (await subject.ListAsync()).Items.Select(static e => e.Record.Key.Id));
        subject.Source = both with { Deleted = new HashSet<EpisodeId> { Rows.Id(1), Rows.Id(2), Rows.Id(3) } };
        Assert.Equal([Rows.Id(4)], (await subject.ListAsync()).Items.Select(static e => e.Record.Key.Id));
        Assert.Equal(1, (await subject.Queries.StatsAsync(QuerySubject.Project, new StatsRequest(), TestContext.Current.CancellationToken)).Groups.Sum(static g => g.Count));

        subject.Source = new QuerySource { Episodes = [subject.File("b", Rows.Episode(1))], Live = [Rows.Episode(4, status: EpisodeStatus.Running)] };
        Assert.Equal([Rows.Id(1), Rows.Id(4)], (await subject.ListAsync()).Items.Select(static e => e.Record.Key.Id));
    }

    [Fact]
    public async Task List_WhenLiveRowRuns_ItCountsWhateverTheArchiveHas()
    {
        subject.Source = new QuerySource
        {
            Episodes = [subject.File("a", Rows.Episode(1, term: 9))],
            Live = [Rows.Episode(1, term: 1, status: EpisodeStatus.Running)],
        };

        Assert.Equal(EpisodeStatus.Running, Assert.Single((await subject.ListAsync()).Items).Record.Status);
    }

    [Fact]
    public async Task List_WhenFilesAndLiveRowsChange_IsAlwaysWhatThePinSays()
    {
        for (var seed = 0; seed < Rounds; seed++)
        {
            using var round = new QuerySubject();
            var random = new Random(seed);
            var files = new Dictionary<string, (ArchivedFile File, List<LiveEpisode> Rows)>();
            for (var step = 0; step < 8; step++)
            {
                for (var i = random.Next(3); i > 0; i--)
                {
                    var name = $"f{files.Count}-{step}-{i}";
                    var rows = Enumerable.Range(0, random.Next(1, 30)).Select(_ => Random(random, ended: true)).DistinctBy(row => row.Record.Key).ToList();
                    files[name] = (round.File(name, rows), rows);
                }

                foreach (var gone in files.Keys.Where(_ => random.Next(4) == 0).ToList()) files.Remove(gone);
                var live = Enumerable.Range(0, random.Next(12)).Select(_ => Random(random, ended: false)).ToList();
                round.Source = new QuerySource { Episodes = [.. files.Values.Select(file => file.File).OrderBy(_ => random.Next())], Live = live };

                var listed = (await round.ListAsync()).Items.Select(Text).Order(StringComparer.Ordinal);

                Assert.Equal(Expected(files.Values.SelectMany(file => file.Rows), live).Select(Text).Order(StringComparer.Ordinal), listed);
            }
        }

        Figures.Report("query table", $"{Rounds} seeded runs of changing files and live rows, 0 differences from the model");
    }

    [Fact]
    public async Task List_WhenAFileCantBeRead_FailsAndTheNextPinIsReadWell()
    {
        var good = subject.File("good", Rows.Episode(1));
        var path = Path.Combine(subject.Directory, "bad");
        await File.WriteAllTextAsync(path, "no Parquet");
        subject.Source = new QuerySource { Episodes = [good, new ArchivedFile("bad", path, false)] };
        await Assert.ThrowsAsync<DuckDBException>(() => subject.ListAsync());

        subject.Source = new QuerySource { Episodes = [good, subject.File("other", Rows.Episode(2))] };

        Assert.Equal(2, (await subject.ListAsync()).Items.Count);
    }

    [Fact]
    public async Task List_WhenALogDidNotAnswer_NamesIt()
    {
        subject.Source = new QuerySource { Missing = ["log-7"], AsOf = DateTimeOffset.UnixEpoch.AddSeconds(5.25) };

        var page = await subject.ListAsync();

        Assert.Equal(["log-7"], page.Missing);
        Assert.Equal(5.25, page.AsOf);
    }

    [Fact]
    public async Task List_WhenProjectsHaveTheSameEpisode_EachSeesItsOwn()
    {
        subject.Source = new QuerySource { Live = [Rows.Episode(1).With(r => r with { Task = "mine" })] };
        subject.Sources.Projects["other"] = new QuerySource { Live = [Rows.Episode(1).With(r => r with { Task = "theirs" })] };

        var page = await subject.Queries.ListAsync("other", new EpisodeFilter(), QuerySubject.Order("start_time"), 10, null, TestContext.Current.CancellationToken);

        Assert.Equal("theirs", Assert.Single(page.Items).Record.Task);
        Assert.Equal("other", page.Items[0].Record.Key.Project);
        Assert.Equal("mine", Assert.Single((await subject.ListAsync()).Items).Record.Task);
    }

    [Fact]
    public async Task List_WhileOtherPinsAreApplied_SeesOneMomentWhole()
    {
        // Each moment has every episode in its own generation, half archived and half live.
        var moments = Enumerable.Range(0, 6).Select(generation =>
        {
            var rows = Enumerable.Range(0, 40).Select(i => Rows.Episode(i, score: generation, term: generation + 1)).ToList();
            return new QuerySource { Episodes = [subject.File($"g{generation}", rows.Take(20))], Live = rows[20..] };
        }).ToList();
        var next = 0;
        subject.Sources.OnPin = (_, _) =>
        {
            subject.Source = moments[Interlocked.Increment(ref next) % moments.Count];
            return Task.CompletedTask;
        };

        var pages = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => subject.ListAsync()));

        Assert.All(pages, page => Assert.Equal(40, page.Items.Count));
        Assert.All(pages, page => Assert.Single(page.Items.Select(item => item.Record.FinalScore).Distinct()));
    }

    private static LiveEpisode Random(Random random, bool ended)
    {
        var status = ended || random.Next(2) == 0 ? (EpisodeStatus)random.Next(1, 5) : EpisodeStatus.Running;
        return Rows.Episode(random.Next(25), random.Next(10), random.Next(1, 4), random.Next(50), random.Next(1_000_000), status);
    }

    private static IEnumerable<LiveEpisode> Expected(IEnumerable<LiveEpisode> archived, IEnumerable<LiveEpisode> live)
    {
        var result = new Dictionary<EpisodeKey, LiveEpisode>();
        foreach (var row in archived)
        {
            if (!result.TryGetValue(row.Record.Key, out var known) || row.IsNewerThan(known)) result[row.Record.Key] = row;
        }

        foreach (var row in live.GroupBy(row => row.Record.Key).Select(rows => rows.Aggregate((a, b) => b.IsNewerThan(a) ? b : a)))
        {
            if (row.Record.Status == EpisodeStatus.Running || !result.TryGetValue(row.Record.Key, out var known) || row.IsNewerThan(known)) result[row.Record.Key] = row;
        }

        return result.Values;
    }

    private static string Text(LiveEpisode episode) => Text(episode.Record, episode.Summary);

    private static string Text(ListedEpisode episode) => Text(episode.Record, episode.Summary);

    private static string Text(EpisodeRecord record, StepSummary summary) =>
        $"{record with { Labels = [] }} [{string.Join(',', record.Labels)}] {summary}";
}

using System.Globalization;
using Rollbook.Query;
using Rollbook.Testing.Query;
using Xunit;

namespace Rollbook.Grains.Tests.Query.Stats;

/// <summary>Statistics against plain loops.</summary>
public sealed class EpisodeStatsTests : IDisposable
{
    private readonly QuerySubject subject = new();

    public void Dispose() => subject.Dispose();

    [Fact]
    public async Task Stats_ByTaskAndStatus_AreThoseOfAPlainLoop()
    {
        var random = new Random(3);
        double?[] scores = [null, 0, 0.25, 1, 1, double.NaN, double.PositiveInfinity];
        var all = Enumerable.Range(0, 200).Select(i => Rows.Episode(i, scores[random.Next(scores.Length)], status: (EpisodeStatus)(i % 5))
            .With(r => r with { GroupId = i % 9 == 0 ? null : $"g{i / 8}", StepCount = random.Next(20) })).ToList();
        Set(all);

        var stats = await StatsAsync(new StatsRequest { GroupBy = ["task", "status"], Ks = [1, 2, 4], Threshold = 0.5 });

        var wanted = all.GroupBy(row => (row.Record.Task, Status: EpisodeStatuses.Name(row.Record.Status))).ToDictionary(group => group.Key, group => group.ToList());
        Assert.Equal(wanted.Count, stats.Groups.Count);
        foreach (var group in stats.Groups)
        {
            var rows = wanted[(group.Keys[0]!, group.Keys[1]!)];
            var finite = rows.Select(row => row.Record.FinalScore).Where(score => score is { } value && double.IsFinite(value)).Select(score => score!.Value).Order().ToList();
            Assert.Equal(rows.Count, group.Count);
            Assert.Equal(rows.Count(row => row.Record.FinalScore is not null), group.Scored);
            Assert.Equal(rows.Count(row => row.Record.FinalScore is { } score && !double.IsFinite(score)), group.NotFinite);
            Assert.Equal(rows.Count(row => row.Record.FinalScore >= 0.5), group.Successes);
            Assert.Equal(finite.Average(), group.Score.Mean!.Value, 9);
            Assert.Equal(Math.Sqrt(finite.Sum(score => Math.Pow(score - finite.Average(), 2)) / (finite.Count - 1)), group.Score.Std!.Value, 9);
            Assert.Equal((finite[0], finite[^1]), (group.Score.Min!.Value, group.Score.Max!.Value));
            Assert.Equal(Quantile(finite, 0.25), group.Score.Quantiles[1]!.Value, 9);
            Assert.Equal(rows.Sum(row => row.Record.StepCount), group.TotalSteps);
            Assert.Equal(rows.Sum(row => row.Summary.Errors), group.Errors);
            Assert.Equal(rows.Count(row => row.Summary.Errors > 0), group.EpisodesWithErrors);
            Assert.Equal(rows.Count, group.ByStatus[(int)rows[0].Record.Status]);
            var durations = rows.Where(row => row.Record.EndTime is not null).Select(row => row.Record.EndTime!.Value - row.Record.StartTime).ToList();
            if (durations.Count == 0) Assert.Null(group.Duration.Mean);
            else Assert.Equal(durations.Average(), group.Duration.Mean!.Value, 6);

            var units = rows.Where(row => row.Record.Status != EpisodeStatus.Running && row.Record.FinalScore is not null)
                .GroupBy(row => (row.Record.Task, row.Record.GroupId)).ToList();
            foreach (var (k, value, count) in group.PassAtK)
            {
                var chances = units.Select(unit => PassAtK.Of(unit.Count(), unit.Count(row => row.Record.FinalScore >= 0.5), k)).Where(chance => chance is not null).ToList();
                Assert.Equal(chances.Count, count);
                if (chances.Count == 0) Assert.Null(value);
                else Assert.Equal(chances.Average()!.Value, value!.Value, 9);
            }
        }
    }

    [Fact]
    public async Task Stats_OverTasks_TakesAllGroupsOfATaskTogether()
    {
        // Two groups of two: 1 of 2 and 0 of 2. By groups pass@1 is 1/4 and pass@2 is 1/2; together it is 1/4 of four, and pass@2 = 1 - 3/6.
        Set([Attempt(0, "a", 1), Attempt(1, "a", 0), Attempt(2, "b", 0), Attempt(3, "b", 0)]);

        var groups = Assert.Single((await StatsAsync(new StatsRequest { Ks = [1, 2, 4] })).Groups);
        var tasks = Assert.Single((await StatsAsync(new StatsRequest { Ks = [1, 2, 4], OverTasks = true })).Groups);

        Assert.Equal([(1, 0.25, 2), (2, 0.5, 2), (4, null, 0)], groups.PassAtK);
        Assert.Equal([(1, 0.25, 1), (2, 0.5, 1), (4, 1, 1)], tasks.PassAtK.Select(pass => (pass.K, pass.Value is { } value ? Math.Round(value, 12) : (double?)null, pass.Units)));
        Assert.Equal((2, 1), (groups.Groups, groups.ZeroVariance));
        Assert.Equal((2, 1), (tasks.Groups, tasks.ZeroVariance));
    }

    [Fact]
    public async Task Stats_WhenNothingIsScored_AreNullAndNotZero()
    {
        Set([Rows.Episode(1, score: null), Rows.Episode(2, score: null)]);

        var group = Assert.Single((await StatsAsync(new StatsRequest { Ks = [1] })).Groups);

        Assert.Equal((2, 0, 0), (group.Count, group.Scored, group.Successes));
        Assert.Null(group.Score.Mean);
        Assert.All(group.Score.Quantiles, Assert.Null);
        Assert.Equal([(1, null, 0)], group.PassAtK);
    }

    [Fact]
    public async Task Stats_WhenNumbersAreAbsurd_StillAnswer()
    {
        Set([
            Rows.Episode(1, 1e308), Rows.Episode(2, -1e308), Rows.Episode(3, 1e308), Rows.Episode(4).With(r => r with { StartTime = -1e308, EndTime = 1e308 }),
            Rows.Episode(5).With(r => r with { StartTime = 1e18 }),
        ]);

        var stats = await StatsAsync(new StatsRequest { GroupBy = ["day"], Ks = [1] });

        Assert.Equal([("2023-11-14", 3L), (null, 2L)], stats.Groups.Select(group => (group.Keys[0], group.Count)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1e15)]
    public async Task Stats_OfDurations_AreThoseOfAPlainLoop(double longest)
    {
        // The longest are too long to be counted in microseconds.
        double[] durations = [0, 0.000001, 0.25, 17.123456, 3600, 86_400.5, longest];
        Set([.. durations.Select((seconds, i) => Rows.Episode(i).With(r => r with { StartTime = 1_700_000_000, EndTime = 1_700_000_000 + seconds }))]);

        var spread = Assert.Single((await StatsAsync(new StatsRequest())).Groups).Duration;

        var sorted = durations.Order().ToList();
        Assert.Equal(durations.Length, spread.Count);
        Assert.Equal((sorted[0], sorted[^1]), (Math.Round(spread.Min!.Value, 6), Math.Round(spread.Max!.Value, 6)));
        Assert.All(Spread.At.Zip(spread.Quantiles), pair => Assert.Equal(
            Quantile(sorted, double.Parse(pair.First.At, CultureInfo.InvariantCulture)), pair.Second!.Value, Math.Max(1e-6, longest * 1e-9)));
    }

    [Fact]
    public async Task Stats_ByDay_NameEachDayOfTheCalendar()
    {
        (double Start, string? Day)[] days =
            [(0, "1970-01-01"), (-1, "1969-12-31"), (86_399.9, "1970-01-01"), (951_782_400, "2000-02-29"), (-62_135_596_800, "0001-01-01"), (253_402_300_799, "9999-12-31"), (253_402_300_800, null)];
        Set([.. days.Select((day, i) => Rows.Episode(i).With(r => r with { StartTime = day.Start }))]);

        var stats = await StatsAsync(new StatsRequest { GroupBy = ["day"] });

        Assert.Equal(days.Select(day => day.Day).Distinct().Order(StringComparer.Ordinal), stats.Groups.Select(group => group.Keys[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Stats_WhenNothingMatches_HaveNoGroups() => Assert.Empty((await StatsAsync(new StatsRequest { Ks = [1] })).Groups);

    private static LiveEpisode Attempt(int number, string group, double score) =>
        Rows.Episode(number, score).With(r => r with { Task = "t", GroupId = group });

    private static double Quantile(List<double> sorted, double at)
    {
        var place = at * (sorted.Count - 1);
        var low = (int)Math.Floor(place);
        return low + 1 < sorted.Count ? sorted[low] + ((place - low) * (sorted[low + 1] - sorted[low])) : sorted[low];
    }

    private void Set(List<LiveEpisode> all)
    {
        // What runs is never archived.
        var archived = all.Where((row, i) => i % 2 == 0 && row.Record.Status != EpisodeStatus.Running).ToList();
        subject.Source = new QuerySource { Episodes = [subject.File("a", archived)], Live = [.. all.Except(archived)] };
    }

    private Task<EpisodeStats> StatsAsync(StatsRequest request) => subject.Queries.StatsAsync(QuerySubject.Project, request, TestContext.Current.CancellationToken);
}

using Rollbook.Query;
using Rollbook.Testing.Query;
using Xunit;

namespace Rollbook.Grains.Tests.Query.Listing;

/// <summary>Filters, orders and pages, against a plain list.</summary>
public sealed class EpisodeListingTests : IDisposable
{
    private readonly QuerySubject subject = new();
    private readonly List<LiveEpisode> all = [];

    public EpisodeListingTests()
    {
        var random = new Random(7);
        double?[] scores = [null, 0, 0.5, 1, double.NaN, double.PositiveInfinity, double.NegativeInfinity, -1];
        for (var i = 0; i < 120; i++)
        {
            var status = i % 6 == 0 ? EpisodeStatus.Running : (EpisodeStatus)(1 + (i % 4));
            all.Add(Rows.Episode(i, scores[random.Next(scores.Length)], status: status).With(r => r with
            {
                // Few different keys: the ids decide often.
                StartTime = 1_700_000_000 + random.Next(10),
                StepCount = random.Next(4),
                Environment = i % 7 == 0 ? "it's \"quoted\"; DROP TABLE m.archived; --" : null,
            }));
        }

        var ended = all.Where(row => row.Record.Status != EpisodeStatus.Running).ToList();
        subject.Source = new QuerySource
        {
            Episodes = [subject.File("a", ended.Take(30)), subject.File("b", ended.Skip(30).Take(30))],
            Live = [.. all.Where(row => row.Record.Status == EpisodeStatus.Running), .. ended.Skip(60)],
        };
    }

    public static TheoryData<string> Orders => [.. ListOrder.Episodes.Select(order => order.Name)];

    public void Dispose() => subject.Dispose();

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task List_ByAnyOrderPageByPage_IsTheSortedList(string order)
    {
        foreach (var limit in new[] { 1, 7, 1000 })
        {
            var found = new List<string>();
            ListCursor? after = null;
            do
            {
                var page = await subject.ListAsync(order: order, limit: limit, after: after);
                Assert.True(page.Items.Count <= limit);
                found.AddRange(page.Items.Select(item => item.Record.Key.Id.ToString()));
                after = page.Next is null ? null : ListCursor.Parse(page.Next, QuerySubject.Order(order));
            }
            while (after is not null);

            Assert.Equal(Sorted(order), found);
        }
    }

    [Theory]
    [InlineData("task", "org/repo#1")]
    [InlineData("worker", "host.2")]
    [InlineData("group_id", "g3")]
    [InlineData("status", "lost")]
    [InlineData("environment", "it's \"quoted\"; DROP TABLE m.archived; --")]
    [InlineData("policy_version", "nothing")]
    public async Task List_ByAText_GivesThoseThatHaveIt(string field, string value)
    {
        var wanted = all.Where(row => value == field switch
        {
            "task" => row.Record.Task,
            "worker" => row.Record.Worker,
            "group_id" => row.Record.GroupId,
            "status" => EpisodeStatuses.Name(row.Record.Status),
            "environment" => row.Record.Environment,
            _ => row.Record.PolicyVersion,
        });

        await ExpectAsync(new EpisodeFilter { Texts = new Dictionary<string, IReadOnlyList<string>> { [field] = [value] } }, wanted);
    }

    [Fact]
    public async Task List_BySeveralValues_GivesThoseThatHaveOne() => await ExpectAsync(
        new EpisodeFilter { Texts = new Dictionary<string, IReadOnlyList<string>> { ["status"] = ["lost", "running"], ["worker"] = ["host.0", "host.1"] } },
        all.Where(row => row.Record.Status is EpisodeStatus.Lost or EpisodeStatus.Running && row.Record.Worker != "host.2"));

    [Fact]
    public async Task List_ByLabels_GivesThoseThatHaveAll()
    {
        await ExpectAsync(new EpisodeFilter { Labels = ["pinned", "kept"] }, all.Where(row => row.Record.Labels.Count == 2));
        await ExpectAsync(new EpisodeFilter { Labels = ["pinned", "absent"] }, []);
    }

    [Fact]
    public async Task List_ByScore_LeavesOutWhatIsNotScoredOrNoNumber()
    {
        await ExpectAsync(new EpisodeFilter { MinScore = 0.5 }, all.Where(row => row.Record.FinalScore >= 0.5));
        await ExpectAsync(new EpisodeFilter { MaxScore = 0.5 }, all.Where(row => row.Record.FinalScore <= 0.5));
        await ExpectAsync(new EpisodeFilter { MinScore = -1, MaxScore = 0 }, all.Where(row => row.Record.FinalScore is >= -1 and <= 0));
    }

    [Fact]
    public async Task List_ByTime_TakesTheFirstMomentAndNotTheLast() => await ExpectAsync(
        new EpisodeFilter { Since = 1_700_000_003, Until = 1_700_000_006 }, all.Where(row => row.Record.StartTime is >= 1_700_000_003 and < 1_700_000_006));

    [Fact]
    public async Task List_WhenRowsComeBetweenPages_RepeatsAndSkipsNone()
    {
        var first = await subject.ListAsync(limit: 50);
        subject.Source = subject.Source with { Live = [.. subject.Source.Live, .. Enumerable.Range(500, 20).Select(i => Rows.Episode(i).With(r => r with { StartTime = 1 }))] };

        var rest = await subject.ListAsync(after: ListCursor.Parse(first.Next!, QuerySubject.Order("start_time")));

        Assert.Equal(Sorted("start_time"), first.Items.Concat(rest.Items).Select(item => item.Record.Key.Id.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("!")]
    [InlineData("YWJj")]
    public void Parse_WhenNotACursor_Throws(string text) => Assert.Throws<FormatException>(() => ListCursor.Parse(text, QuerySubject.Order("score")));

    [Fact]
    public void Parse_WhenOfAnotherOrder_NamesTheCure()
    {
        var error = Assert.Throws<FormatException>(() => ListCursor.Parse(new ListCursor("-score", 1, "x").ToString(), QuerySubject.Order("score")));
        Assert.Contains("order=-score", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Workers_AreOneRowEach()
    {
        var order = ListOrder.Workers.Single(order => order.Name == "worker");
        var first = await subject.Queries.WorkersAsync(QuerySubject.Project, new EpisodeFilter(), order, 2, null, TestContext.Current.CancellationToken);
        var second = await subject.Queries.WorkersAsync(QuerySubject.Project, new EpisodeFilter(), order, 2, ListCursor.Parse(first.Next!, order), TestContext.Current.CancellationToken);

        var workers = first.Items.Concat(second.Items).ToList();
        Assert.Null(second.Next);
        Assert.Equal(["host.0", "host.1", "host.2"], workers.Select(worker => worker.Worker));
        foreach (var worker in workers)
        {
            var own = all.Where(row => row.Record.Worker == worker.Worker).Select(row => row.Record).ToList();
            Assert.Equal(own.Count, worker.Episodes);
            Assert.Equal(own.Sum(record => record.StepCount), worker.Steps);
            Assert.Equal(EpisodeStatuses.Names.Select((_, status) => (long)own.Count(record => (int)record.Status == status)), worker.ByStatus);
            Assert.Equal(own.Any(record => record.Status == EpisodeStatus.Running), worker.CurrentEpisodeId is not null);
            Assert.Equal(own.Max(record => record.StartTime), own.Single(record => record.Key.Id.ToString() == worker.LastEpisodeId).StartTime);
            Assert.Equal(own.Max(record => Math.Max(record.EndTime ?? 0, 1_700_000_000 + ((record.TotalSteps + 0.0) / 1e6))), worker.LastSeen, 3);
        }
    }

    private async Task ExpectAsync(EpisodeFilter filter, IEnumerable<LiveEpisode> wanted) => Assert.Equal(
        wanted.Select(row => row.Record.Key.Id.ToString()).Order(StringComparer.Ordinal),
        (await subject.ListAsync(filter)).Items.Select(item => item.Record.Key.Id.ToString()).Order(StringComparer.Ordinal));

    private IEnumerable<string> Sorted(string order)
    {
        var rows = all.Select(row => row.Record).Select(record => (Id: record.Key.Id.ToString(), Key: order.TrimStart('-') switch
        {
            "start_time" => record.StartTime,
            "end_time" => record.EndTime,
            "score" => record.FinalScore is double.NaN ? null : record.FinalScore,
            "steps" => record.StepCount,
            "episode_id" => 0,
            _ => record.EndTime - record.StartTime,
        })).ToList();
        var keyed = rows.Where(row => row.Key is not null);
        var rest = rows.Where(row => row.Key is null);
        return order[0] == '-'
            ? keyed.OrderByDescending(row => row.Key).ThenByDescending(row => row.Id, StringComparer.Ordinal).Concat(rest.OrderByDescending(row => row.Id, StringComparer.Ordinal)).Select(row => row.Id)
            : keyed.OrderBy(row => row.Key).ThenBy(row => row.Id, StringComparer.Ordinal).Concat(rest.OrderBy(row => row.Id, StringComparer.Ordinal)).Select(row => row.Id);
    }
}

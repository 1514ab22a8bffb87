using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Rollbook.Query;
using Rollbook.Testing;
using Rollbook.Testing.Query;

namespace Rollbook.Silo.Tests.Http.History;

/// <summary>Lists and statistics over HTTP.</summary>
public sealed class HistoryApiTests : IAsyncLifetime
{
    private readonly TempDirectory directory = new();
    private readonly FakeSources sources = new();
    private EdgeServer server = null!;

    public async ValueTask InitializeAsync()
    {
        var rows = Enumerable.Range(0, 10).Select(i => Rows.Episode(i, score: i % 2)).ToList();
        sources.Projects["default"] = new QuerySource
        {
            Episodes = [ParquetFiles.Episodes(directory.Path, "a", rows.Take(5))],
            Live = [.. rows.Skip(5), Rows.Episode(10, score: null, status: EpisodeStatus.Running)],
            AsOf = DateTimeOffset.UnixEpoch.AddSeconds(7.5),
            Missing = ["log-3"],
        };
        server = await EdgeServer.StartAsync(services => services.AddSingleton<IQuerySources>(sources).Configure<QueryOptions>(options => options.PinSeconds = 0));
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        directory.Dispose();
    }

    [Fact]
    public async Task List_PageByPage_GivesRecordsAndTheMoment()
    {
        var (status, first) = await server.GetAsync("/v1/episodes?limit=6&order=start_time");
        var (_, second) = await server.GetAsync($"/v1/episodes?limit=6&order=start_time&cursor={first!["next_cursor"]}");

        Assert.Equal(200, status);
        Assert.Equal((7.5, false, "log-3"), ((double)first["as_of"]!, (bool)first["complete"]!, (string)first["missing"]![0]!));
        Assert.Null(second!["next_cursor"]);
        Assert.Equal(
            Enumerable.Range(0, 11).Select(i => Rows.Id(i).ToString()),
            first["items"]!.AsArray().Concat(second["items"]!.AsArray()).Select(item => (string)item!["episode_id"]!));
        var item = first["items"]![2]!;
        Assert.Equal("""{"n": 2.0}""", JsonNode.Parse(await server.Client.GetStringAsync("/v1/episodes?order=start_time"))!["items"]![2]!["metadata"]!.ToJsonString().Replace(":", ": "));
        Assert.Equal(("host.2", "completed", 0.0), ((string)item["worker"]!, (string)item["status"]!, (double)item["final_score"]!));
        Assert.Equal((long.MaxValue - 2, 2L, 0.5), ((long)item["seed"]!, (long)item["step_count"]!, (double)item["last_pass_rate"]!));
    }

    [Fact]
    public async Task List_HasTheMembersOfTheRecordsRoute()
    {
        var (_, record) = await server.GetAsync($"/v1/episodes/{EdgeServer.Id}?steps=false");
        var (_, list) = await server.GetAsync("/v1/episodes?limit=1");

        var members = list!["items"]![0]!.AsObject().Select(member => member.Key).ToHashSet();
        Assert.Equal(["scores", "writer_epoch"], record!.AsObject().Select(member => member.Key).Where(name => !members.Contains(name)).Order());
    }

    [Theory]
    [InlineData("status=running", 1)]
    [InlineData("status=running&status=completed", 11)]
    [InlineData("min_score=1", 5)]
    [InlineData("since=1700000003&until=2023-11-14T22:13:26Z", 3)]
    [InlineData("label=pinned&worker=host.2", 1)]
    [InlineData("task=org/repo%231", 5)]
    public async Task List_ByFilters_GivesThose(string query, int count)
    {
        var (status, list) = await server.GetAsync($"/v1/episodes?{query}");
        Assert.Equal(200, status);
        Assert.Equal(count, list!["items"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("/v1/episodes?taks=a", "taks")]
    [InlineData("/v1/episodes?order=size", "start_time")]
    [InlineData("/v1/episodes?limit=0", "limit")]
    [InlineData("/v1/episodes?limit=1001", "limit")]
    [InlineData("/v1/episodes?cursor=x", "cursor")]
    [InlineData("/v1/episodes?status=done", "completed")]
    [InlineData("/v1/episodes?min_score=NaN", "min_score")]
    [InlineData("/v1/episodes?since=yesterday", "since")]
    [InlineData("/v1/episodes?task=", "task")]
    [InlineData("/v1/stats?group_by=task,password", "policy_version")]
    [InlineData("/v1/stats?group_by=task,task", "once")]
    [InlineData("/v1/stats?k=0", "k takes")]
    [InlineData("/v1/stats?over=all", "over")]
    [InlineData("/v1/workers?order=start_time", "last_seen")]
    public async Task Get_WhenAskedWrongly_NamesTheCure(string path, string cure)
    {
        var (status, problem) = await server.GetAsync(path);
        Assert.Equal((400, "bad_request"), (status, (string)problem!["code"]!));
        Assert.Contains(cure, (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stats_ByTask_GiveRatesAndPassAtK()
    {
        var (status, stats) = await server.GetAsync("/v1/stats?group_by=task&k=1,2&over=task");

        Assert.Equal(200, status);
        var failing = stats!["groups"]!.AsArray().Single(group => (string)group!["task"]! == "org/repo#0")!;
        var passing = stats["groups"]!.AsArray().Single(group => (string)group!["task"]! == "org/repo#1")!;
        Assert.Equal((6, 5, 0.0), ((int)failing["count"]!, (int)failing["scored"]!, (double)failing["success_rate"]!));
        Assert.Equal((1, 5), ((int)failing["by_status"]!["running"]!, (int)failing["by_status"]!["completed"]!));
        Assert.Equal((1.0, 1.0, 1.0), ((double)passing["success_rate"]!, (double)passing["score"]!["p50"]!, (double)passing["pass_at_k"]![1]!["value"]!));
        Assert.Equal((1, 25, 0.2), ((int)passing["pass_at_k"]![0]!["units"]!, (int)passing["total_steps"]!, (double)passing["error_rate"]!));
    }

    [Fact]
    public async Task Workers_AreOneRowEach()
    {
        var (status, workers) = await server.GetAsync("/v1/workers?order=worker");

        Assert.Equal(200, status);
        Assert.Equal(
            [("host.0", "idle", 4), ("host.1", "running", 4), ("host.2", "idle", 3)],
            workers!["items"]!.AsArray().Select(worker => ((string)worker!["worker"]!, (string)worker["status"]!, (int)worker["episodes"]!)));
        Assert.Equal(Rows.Id(10).ToString(), (string)workers["items"]![1]!["current_episode_id"]!);
    }

    [Fact]
    public async Task Get_WithoutAnArchive_Is503()
    {
        await using var bare = await EdgeServer.StartAsync(services => services.RemoveAll<IQuerySources>());
        foreach (var path in new[] { "/v1/episodes", "/v1/workers", "/v1/stats" })
        {
            var (status, problem) = await bare.GetAsync(path);
            Assert.Equal((503, "unavailable"), (status, (string)problem!["code"]!));
            Assert.Contains("archive is not configured", (string)problem["detail"]!, StringComparison.Ordinal);
        }

        Assert.Equal(503, (await bare.PostAsync("/v1/query", """{"sql":"select 1"}""")).Status);
    }
}

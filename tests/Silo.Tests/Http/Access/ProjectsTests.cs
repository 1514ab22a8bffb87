using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Rollbook.Silo.Tests.Http.Access;

/// <summary>A key sees and changes its own project alone; what others have answers as if it were not there.</summary>
public sealed class ProjectsTests : IAsyncLifetime
{
    private const string All = "ingest read query export delete";

    private LockedServer server = null!;
    private string ours = null!;
    private string theirs = null!;
    private string episode = null!;

    public async ValueTask InitializeAsync()
    {
        server = await LockedServer.StartAsync();
        (ours, theirs) = (await server.KeyAsync(All, "blue"), await server.KeyAsync(All, "green"));
        var (status, started) = await server.SendAsync(ours, HttpMethod.Post, "/v1/workers/w/episodes", """{"task":"secret","variant_id":"v"}""");
        Assert.Equal(HttpStatusCode.Created, status);
        episode = (string)started!["episode_id"]!;
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(ours, HttpMethod.Post, $"/v1/episodes/{episode}/steps?from=0", """{"action_type":"a"}""")).Status);
    }

    public async ValueTask DisposeAsync() => await server.DisposeAsync();

    [Theory]
    [InlineData("GET", "", null)]
    [InlineData("GET", "/steps", null)]
    [InlineData("GET", "/timeline", null)]
    [InlineData("GET", "/replay-actions", null)]
    [InlineData("GET", "/live", null)]
    [InlineData("POST", "/steps?from=1", """{"action_type":"a"}""")]
    [InlineData("POST", "/end", """{"next_ordinal":1}""")]
    [InlineData("POST", "/abort", "{}")]
    [InlineData("POST", "/resume", """{"worker":"w"}""")]
    [InlineData("POST", "/scores", """{"event_id":"e","name":"final","value":1,"source":"s"}""")]
    [InlineData("POST", "/labels", """{"event_id":"e","add":["x"]}""")]
    [InlineData("PATCH", "", """{"seed":1}""")]
    [InlineData("DELETE", "?abort_running=true", null)]
    public async Task Episode_OfAnotherProject_IsNotFound(string method, string path, string? body)
    {
        var (status, json) = await server.SendAsync(theirs, new HttpMethod(method), $"/v1/episodes/{episode}{path}", body);
        Assert.Equal((HttpStatusCode.NotFound, "episode_not_found"), (status, (string?)json?["code"]));
        // And it goes on as if nothing had been asked.
        var (_, record) = await server.SendAsync(ours, HttpMethod.Get, $"/v1/episodes/{episode}?steps=false");
        Assert.Equal(("running", 1), ((string)record!["status"]!, (int)record["step_count"]!));
    }

    [Fact]
    public async Task Worker_OfTheSameName_IsAnotherOne()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(theirs, HttpMethod.Get, "/v1/workers/w")).Status);
        var (status, started) = await server.SendAsync(theirs, HttpMethod.Post, "/v1/workers/w/episodes", """{"task":"t","variant_id":"v"}""");
        Assert.Equal((HttpStatusCode.Created, true), (status, started!["superseded"] is null));
        var (_, worker) = await server.SendAsync(ours, HttpMethod.Get, "/v1/workers/w");
        Assert.Equal(episode, (string)worker!["current"]!["episode_id"]!);
    }

    [Fact]
    public async Task ManyAtOnce_OfAnotherProject_AreNotFound()
    {
        using var appended = await server.AnswerAsync(
            new("Bearer", theirs), HttpMethod.Post, "/v1/steps", $$$"""{"episode_id":"{{{episode}}}","ordinal":1,"step":{"action_type":"a"}}""", "application/x-ndjson");
        Assert.Contains("episode_not_found", await appended.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var scored = await server.AnswerAsync(
            new("Bearer", theirs), HttpMethod.Post, "/v1/scores", $$"""{"episode_id":"{{episode}}","event_id":"e","name":"final","value":1,"source":"s"}""", "application/x-ndjson");
        Assert.Contains("episode_not_found", await scored.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var (_, beaten) = await server.SendAsync(theirs, HttpMethod.Post, "/v1/heartbeat", $$"""{"episodes":[{"episode_id":"{{episode}}"}]}""");
        Assert.Equal("episode_not_found", (string)beaten!["episodes"]![0]!["code"]!);
        var (_, dry) = await server.SendAsync(theirs, HttpMethod.Post, "/v1/delete", $$"""{"episode_ids":["{{episode}}"],"dry_run":true}""");
        Assert.Equal((0, 1), ((int)dry!["episodes"]!, (int)dry["not_found"]!));
    }

    [Fact]
    public async Task Queries_SeeTheirProjectAlone()
    {
        Assert.Equal((HttpStatusCode.OK, 1), await CountAsync(ours, "/v1/episodes?fresh=true"));
        Assert.Equal((HttpStatusCode.OK, 0), await CountAsync(theirs, "/v1/episodes?fresh=true"));
        Assert.Equal((HttpStatusCode.OK, 0), await CountAsync(theirs, "/v1/workers"));
        var (_, stats) = await server.SendAsync(theirs, HttpMethod.Get, "/v1/stats");
        Assert.DoesNotContain("secret", stats!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(1, await RowsAsync(ours));
        Assert.Equal(0, await RowsAsync(theirs));
    }

    [Fact]
    public async Task Export_OfAnotherProjectsEpisode_HoldsNothingOfIt()
    {
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(ours, HttpMethod.Post, $"/v1/episodes/{episode}/end", """{"next_ordinal":1}""")).Status);
        using var own = await server.AnswerAsync(new("Bearer", ours), HttpMethod.Get, $"/v1/export?format=jsonl&episode_id={episode}");
        Assert.Contains("secret", await own.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var other = await server.AnswerAsync(new("Bearer", theirs), HttpMethod.Get, $"/v1/export?format=jsonl&episode_id={episode}");
        Assert.DoesNotContain("secret", await other.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Blob_OfAnotherProject_IsNotThere()
    {
        var bytes = "large"u8.ToArray();
        var path = $"/v1/blobs/{Convert.ToHexStringLower(SHA256.HashData(bytes))}";
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(ours, HttpMethod.Put, path, Encoding.UTF8.GetString(bytes))).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(ours, HttpMethod.Get, path)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(theirs, HttpMethod.Get, path)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(theirs, HttpMethod.Head, path)).Status);
    }

    [Fact]
    public async Task Deletion_ReceiptOfAnotherProject_IsNotFound()
    {
        var (status, receipt) = await server.SendAsync(ours, HttpMethod.Delete, $"/v1/episodes/{episode}?abort_running=true");
        Assert.Equal(HttpStatusCode.OK, status);
        var path = $"/v1/deletions/{(string)receipt!["receipt_id"]!}";
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(ours, HttpMethod.Get, path)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(theirs, HttpMethod.Get, path)).Status);
    }

    private async Task<(HttpStatusCode Status, int Count)> CountAsync(string key, string path)
    {
        var (status, page) = await server.SendAsync(key, HttpMethod.Get, path);
        return (status, page!["items"]!.AsArray().Count);
    }

    private async Task<long> RowsAsync(string key)
    {
        var (status, answer) = await server.SendAsync(key, HttpMethod.Post, "/v1/query?fresh=true", """{"sql":"SELECT count(*) FROM steps"}""");
        Assert.True(status == HttpStatusCode.OK, answer?.ToJsonString());
        return (long)answer!["rows"]![0]![0]!;
    }
}

using System.Text.Json.Nodes;
using Rollbook.Testing;

namespace Rollbook.Silo.Tests.Http.Deletion;

/// <summary>Deletion over HTTP, by the whole process.</summary>
public sealed class DeletionsApiTests
{
    [Fact]
    public async Task Delete_OfOne_IsGoneFromEveryReadAtOnceAndAfterARestart()
    {
        using var directory = new TempDirectory();
        string gone, kept;
        JsonNode? receipt;
        await using (var silo = await SiloServer.StartAsync(directory.Path))
        {
            gone = await EpisodeAsync(silo, "w");
            kept = await EpisodeAsync(silo, "w");
            Assert.Equal(2, (await silo.GetAsync("/v1/episodes")).Json!["items"]!.AsArray().Count);

            (var status, receipt) = await DeleteAsync(silo, $"/v1/episodes/{gone}");

            Assert.True(status == 200, $"{status}: {receipt}");
            Assert.Equal(("pending", 1, 2), ((string)receipt!["state"]!, (int)receipt["episodes"]!, (int)receipt["steps"]!));
            Assert.Null(receipt["erased_at"]);
            await CheckAsync(silo, gone, kept);
            var (again, same) = await DeleteAsync(silo, $"/v1/episodes/{gone}");
            Assert.Equal((200, (string)receipt["receipt_id"]!), (again, (string)same!["receipt_id"]!));
        }

        await using var next = await SiloServer.StartAsync(directory.Path);
        await CheckAsync(next, gone, kept);
        var (found, read) = await next.GetAsync($"/v1/deletions/{receipt["receipt_id"]}");
        Assert.Equal((200, "pending", 1), (found, (string)read!["state"]!, (int)read["episodes"]!));
    }

    [Fact]
    public async Task Delete_OfWhatRunsIsPinnedOrIsNotThere_IsRefused()
    {
        using var directory = new TempDirectory();
        await using var silo = await SiloServer.StartAsync(directory.Path);
        var running = await silo.BeginAsync("r");
        var pinned = await EpisodeAsync(silo, "p");
        Assert.Equal(200, (await silo.PostAsync($"/v1/episodes/{pinned}/labels", """{"event_id":"l","add":["pinned"]}""")).Status);

        Assert.Equal((409, "episode_running"), await CodeAsync(silo, $"/v1/episodes/{running}"));
        Assert.Equal((409, "episode_pinned"), await CodeAsync(silo, $"/v1/episodes/{pinned}?abort_running=true"));
        Assert.Equal((404, "episode_not_found"), await CodeAsync(silo, "/v1/episodes/01ARZ3NDEKTSV4RRFFQ69G5FAV"));
        Assert.Equal(200, (await silo.AppendAsync(running, 0, """{"action_type":"a"}""")).Status);
        Assert.Equal(200, (await DeleteAsync(silo, $"/v1/episodes/{running}?abort_running=true")).Status);
        Assert.Equal(410, (await silo.AppendAsync(running, 1, """{"action_type":"a"}""")).Status);
        var worker = (await silo.GetAsync("/v1/workers/r")).Json!;
        Assert.Equal(("idle", 0), ((string)worker["status"]!, worker["history"]!.AsArray().Count));
    }

    [Fact]
    public async Task Post_WithAFilter_CountsFirstAndThenDeletesThose()
    {
        using var directory = new TempDirectory();
        await using var silo = await SiloServer.StartAsync(directory.Path);
        var ids = new List<string>();
        for (var i = 0; i < 4; i++) ids.Add(await EpisodeAsync(silo, $"w{i}", i < 3 ? "old" : "new"));
        await silo.PostAsync($"/v1/episodes/{ids[2]}/labels", """{"event_id":"l","add":["pinned"]}""");
        await Until(async () => (await silo.GetAsync("/v1/episodes?label=pinned")).Json!["items"]!.AsArray().Count == 1);

        var (status, dry) = await silo.PostAsync("/v1/delete", """{"task":"old","dry_run":true}""");
        Assert.Equal((200, 3, 6, 1), (status, (int)dry!["episodes"]!, (int)dry["steps"]!, (int)dry["pinned"]!));
        Assert.Equal(4, (await silo.GetAsync("/v1/episodes")).Json!["items"]!.AsArray().Count);

        (status, var answer) = await silo.PostAsync("/v1/delete", """{"task":["old"],"status":"completed"}""");

        Assert.Equal((200, 2, 1), (status, (int)answer!["episodes"]!, (int)answer["refused_count"]!));
        Assert.Equal((ids[2], "episode_pinned"), ((string)answer["refused"]![0]!["episode_id"]!, (string)answer["refused"]![0]!["code"]!));
        var left = (await silo.GetAsync("/v1/episodes?order=start_time")).Json!["items"]!.AsArray().Select(static item => (string)item!["episode_id"]!);
        Assert.Equal([ids[2], ids[3]], left);
        (_, answer) = await silo.PostAsync("/v1/delete", $$"""{"episode_ids":["{{ids[3]}}","{{ids[0]}}"]}""");
        Assert.Equal((1, "episode_deleted"), ((int)answer!["episodes"]!, (string)answer["refused"]![0]!["code"]!));
    }

    [Theory]
    [InlineData("{}", "/episode_ids")]
    [InlineData("""{"taks":"a"}""", "")]
    [InlineData("""{"task":"a","episode_ids":["01ARZ3NDEKTSV4RRFFQ69G5FAV"]}""", "/task")]
    [InlineData("""{"episode_ids":["x"]}""", "/episode_ids")]
    [InlineData("""{"status":"done"}""", "/status")]
    [InlineData("""{"until":"yesterday"}""", "/until")]
    [InlineData("""{"task":[]}""", "/task")]
    [InlineData("""{"all":true,"task":"a"}""", "/all")]
    public async Task Post_OfABadBody_IsRefusedAndNamesThePlace(string body, string pointer)
    {
        using var directory = new TempDirectory();
        await using var silo = await SiloServer.StartAsync(directory.Path);

        var (status, answer) = await silo.PostAsync("/v1/delete", body);

        Assert.Equal((400, "bad_json"), (status, (string)answer!["code"]!));
        Assert.StartsWith(pointer, (string)answer["pointer"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Receipt_OfNoDeletion_IsNotFound()
    {
        using var directory = new TempDirectory();
        await using var silo = await SiloServer.StartAsync(directory.Path);
        Assert.Equal(404, (await silo.GetAsync("/v1/deletions/01ARZ3NDEKTSV4RRFFQ69G5FAV")).Status);
        Assert.Equal(400, (await silo.GetAsync("/v1/deletions/x")).Status);
    }

    private static async Task CheckAsync(SiloServer silo, string gone, string kept)
    {
        foreach (var path in new[] { "", "?steps=false", "/steps", "/timeline", "/replay-actions", "/scores", "/live" })
        {
            using var response = await silo.Client.GetAsync($"/v1/episodes/{gone}{path}", HttpCompletionOption.ResponseHeadersRead);
            Assert.True((int)response.StatusCode is 410 || (path == "/scores" && (int)response.StatusCode == 405), $"{path}: {response.StatusCode}");
        }

        using var export = await silo.Client.GetAsync($"/v1/export?format=jsonl&episode_id={gone}");
        Assert.Equal(410, (int)export.StatusCode);
        Assert.Equal(200, (await silo.GetAsync($"/v1/episodes/{kept}")).Status);
        var items = (await silo.GetAsync("/v1/episodes")).Json!["items"]!.AsArray();
        Assert.Equal([kept], items.Select(static item => (string)item!["episode_id"]!));
        Assert.Equal(1, (int)(await silo.GetAsync("/v1/stats")).Json!["groups"]![0]!["count"]!);
        var history = (await silo.GetAsync("/v1/workers/w")).Json!["history"]!.AsArray();
        Assert.Equal([kept], history.Select(static item => (string)item!["episode_id"]!));
        var (status, rows) = await silo.PostAsync("/v1/query?fresh=true", """{"sql":"SELECT (SELECT count(*) FROM episodes), (SELECT count(*) FROM steps), (SELECT count(*) FROM scores)"}""");
        Assert.True(status == 200, $"{status}: {rows}");
        Assert.Equal("[[1,2,1]]", rows!["rows"]!.ToJsonString());
    }

    private static async Task<string> EpisodeAsync(SiloServer silo, string worker, string task = "t")
    {
        var id = await silo.BeginAsync(worker, $$"""{"task":"{{task}}","variant_id":"v"}""");
        Assert.Equal(200, (await silo.AppendAsync(id, 0, """[{"action_type":"a"},{"action_type":"b"}]""")).Status);
        Assert.Equal(200, (await silo.PostAsync($"/v1/episodes/{id}/scores", """{"event_id":"s","name":"style","value":1,"source":"t"}""")).Status);
        Assert.Equal(200, (await silo.PostAsync($"/v1/episodes/{id}/end", """{"next_ordinal":2,"final_score":1}""")).Status);
        return id;
    }

    private static async Task<(int Status, JsonNode? Json)> DeleteAsync(SiloServer silo, string path)
    {
        using var response = await silo.Client.DeleteAsync(path);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync()));
    }

    private static async Task<(int Status, string Code)> CodeAsync(SiloServer silo, string path)
    {
        var (status, json) = await DeleteAsync(silo, path);
        return (status, (string)json!["code"]!);
    }

    private static async Task Until(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}

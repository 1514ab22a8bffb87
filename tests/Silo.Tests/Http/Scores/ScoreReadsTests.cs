using System.Text;
using System.Text.Json.Nodes;
using Rollbook.Testing;

namespace Rollbook.Silo.Tests.Http.Scores;

/// <summary>Scores, labels and patches through the whole process: what was acknowledged shows in every read, and after a restart too.</summary>
public sealed class ScoreReadsTests
{
    [Fact]
    public async Task Score_OfAnEndedEpisode_ShowsInEveryRead()
    {
        using var directory = new TempDirectory();
        string id;
        await using (var silo = await SiloServer.StartAsync(directory.Path))
        {
            id = await silo.BeginAsync("w");
            await silo.AppendAsync(id, 0, """{"action_type":"a"}""");
            var (ended, first) = await silo.PostAsync($"/v1/episodes/{id}/end", """{"next_ordinal":1,"final_score":0.25}""");
            Assert.Equal(200, ended);
            // The ending moves into the history with this read, so that the score has to change what stands there.
            Assert.Equal(0.25, (double)(await silo.GetAsync("/v1/workers/w")).Json!["history"]![0]!["final_score"]!);

            var (status, answer) = await silo.PostAsync($"/v1/episodes/{id}/scores", Score("v:1", "0.75", ",\"rationale\":\"12 of 12\",\"metadata\":{\"a\": [1.50]},\"time\":5.5"));
            Assert.Equal((200, """{"event_id":"v:1","duplicate":false,"final_score":0.75}"""), (status, answer!.ToJsonString()));
            await AssertShownAsync(silo, id, 0.75);
            Assert.Equal("""[{"event_id":"v:1","name":"final","value":0.75,"source":"tests","rationale":"12 of 12","metadata":{"a":[1.50]},"time":5.5}]""",
                (await silo.GetAsync($"/v1/episodes/{id}?steps=false")).Json!["scores"]!.ToJsonString());
            // A repeat of the end is answered as the first time.
            Assert.Equal(first!.ToJsonString(), (await silo.PostAsync($"/v1/episodes/{id}/end", """{"next_ordinal":1,"final_score":0.25}""")).Json!.ToJsonString());
        }

        await using var next = await SiloServer.StartAsync(directory.Path);
        await AssertShownAsync(next, id, 0.75);
        var (again, repeat) = await next.PostAsync($"/v1/episodes/{id}/scores", Score("v:1", "0.75", ",\"rationale\":\"12 of 12\",\"metadata\":{\"a\":[1.50]},\"time\":5.5"));
        Assert.Equal((200, true), (again, (bool)repeat!["duplicate"]!));
        Assert.Equal("score_conflict", (string?)(await next.PostAsync($"/v1/episodes/{id}/scores", Score("v:1", "0.5"))).Json!["code"]);
        Assert.Equal("""{"event_id":"v:2","duplicate":false,"final_score":null}""", (await next.PostAsync($"/v1/episodes/{id}/scores", Score("v:2", "null"))).Json!.ToJsonString());
        Assert.Null((await next.GetAsync("/v1/workers/w")).Json!["history"]![0]!["final_score"]);
    }

    [Fact]
    public async Task Label_SetAndTakenAway_ShowsInTheRecord()
    {
        using var directory = new TempDirectory();
        await using var silo = await SiloServer.StartAsync(directory.Path);
        var id = await silo.BeginAsync("w");

        Assert.Equal("""{"event_id":"l1","duplicate":false,"labels":["pinned","x"]}""",
            (await silo.PostAsync($"/v1/episodes/{id}/labels", """{"event_id":"l1","add":["x","pinned"]}""")).Json!.ToJsonString());
        Assert.True((bool)(await silo.PostAsync($"/v1/episodes/{id}/labels", """{"event_id":"l1","add":["pinned","x"]}""")).Json!["duplicate"]!);
        await silo.PostAsync($"/v1/episodes/{id}/labels", """{"event_id":"l2","remove":["x"]}""");

        Assert.Equal("""["pinned"]""", (await silo.GetAsync($"/v1/episodes/{id}")).Json!["labels"]!.ToJsonString());
        Assert.Equal("score_conflict", (string?)(await silo.PostAsync($"/v1/episodes/{id}/scores", Score("l1", "1"))).Json!["code"]);
    }

    [Fact]
    public async Task Patch_OfAbsentFields_SetsThemAndRefusesAnotherValue()
    {
        using var directory = new TempDirectory();
        await using var silo = await SiloServer.StartAsync(directory.Path);
        var id = await silo.BeginAsync("w", """{"task":"t","variant_id":"v","attempt":2}""");

        var (status, record) = await PatchAsync(silo, id, """{"group_id":"g","attempt":2,"seed":-9}""");
        Assert.Equal((200, "g", 2, -9L), (status, (string?)record!["group_id"], (int)record["attempt"]!, (long)record["seed"]!));
        Assert.Null(record["steps"]);
        var (refused, problem) = await PatchAsync(silo, id, """{"environment":"e","attempt":3}""");

        Assert.Equal((409, "field_conflict", "/attempt"), (refused, (string?)problem!["code"], (string?)problem["pointer"]));
        var read = (await silo.GetAsync($"/v1/episodes/{id}")).Json!;
        Assert.Equal(("g", null), ((string?)read["group_id"], (string?)read["environment"]));
    }

    [Fact]
    public async Task Scores_OfManyEpisodes_AreAnsweredLineByLine()
    {
        using var directory = new TempDirectory();
        await using var silo = await SiloServer.StartAsync(directory.Path);
        var (one, two) = (await silo.BeginAsync("w1"), await silo.BeginAsync("w2"));
        string[] lines =
        [
            Line(one, "a", "0.25"), "", Line(two, "a", "\"NaN\""), Line(one, "b", "0.5"), Line(one, "a", "0.25"), Line(one, "a", "1"),
            Line("01ARZ3NDEKTSV4RRFFQ69G5FAV", "a", "1"), """{"episode_id":"x"}""",
        ];

        using var content = new StringContent(string.Join('\n', lines), Encoding.UTF8, "application/x-ndjson");
        using var response = await silo.Client.PostAsync("/v1/scores", content);

        Assert.Equal((200, "application/x-ndjson"), ((int)response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        var answers = (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static l => JsonNode.Parse(l)!).ToDictionary(static a => (int)a["line"]!);
        Assert.Equal([1, 3, 4, 5, 6, 7, 8], answers.Keys.Order());
        Assert.Equal($$"""{"line":4,"episode_id":"{{one}}","event_id":"b","duplicate":false,"final_score":0.5}""", answers[4].ToJsonString());
        Assert.Equal("NaN", (string?)answers[3]["final_score"]);
        Assert.True((bool)answers[5]["duplicate"]!);
        Assert.Equal(("score_conflict", "episode_not_found", "bad_json"), ((string?)answers[6]["code"], (string?)answers[7]["code"], (string?)answers[8]["code"]));
        Assert.Equal(0.5, (double)(await silo.GetAsync($"/v1/episodes/{one}?steps=false")).Json!["final_score"]!);
    }

    [Fact]
    public async Task Resume_OfALostEpisode_GoesOnWithItsScores()
    {
        using var directory = new TempDirectory();
        string id;
        await using (var silo = await SiloServer.StartAsync(directory.Path))
        {
            id = await silo.BeginAsync("w", """{"task":"t","variant_id":"v","deadline_seconds":1}""");
            await silo.AppendAsync(id, 0, """{"action_type":"a"}""");
            // The stream closes with the ending: nothing is polled.
            var events = await silo.Client.GetStringAsync($"/v1/episodes/{id}/live?from=1");
            Assert.Contains("\"status\":\"lost\"", events, StringComparison.Ordinal);
            Assert.Equal(200, (await silo.PostAsync($"/v1/episodes/{id}/scores", Score("v", "0.5"))).Status);
        }

        await using var next = await SiloServer.StartAsync(directory.Path);
        var (status, resumed) = await next.PostAsync($"/v1/episodes/{id}/resume", """{"worker":"other"}""");

        Assert.Equal((200, 1, 2), (status, (int)resumed!["next_ordinal"]!, (int)resumed["writer_epoch"]!));
        Assert.Equal(("running", 0.5, "v"), ((string?)resumed["record"]!["status"], (double)resumed["record"]!["final_score"]!, (string?)resumed["record"]!["scores"]![0]!["event_id"]));
        Assert.Equal(0.5, (double)(await next.GetAsync("/v1/workers/other")).Json!["current"]!["final_score"]!);
        Assert.Equal(200, (await next.AppendAsync(id, 1, """{"action_type":"b"}""")).Status);
        Assert.Equal(200, (await next.PostAsync($"/v1/episodes/{id}/end", """{"next_ordinal":2,"final_score":0.25,"writer_epoch":2}""")).Status);
        Assert.Equal(0.5, (double)(await next.GetAsync("/v1/workers/other")).Json!["history"]![0]!["final_score"]!);
        Assert.Equal(200, (await next.PostAsync($"/v1/episodes/{id}/scores", Score("v2", "1"))).Status);
        // The worker that goes on with it is not the one that began it, and shows the score all the same.
        Assert.Equal(1, (double)(await next.GetAsync("/v1/workers/other")).Json!["history"]![0]!["final_score"]!);
    }

    private static async Task AssertShownAsync(SiloServer silo, string id, double score)
    {
        var record = (await silo.GetAsync($"/v1/episodes/{id}")).Json!;
        Assert.Equal((score, 0.25, 1), ((double)record["final_score"]!, (double)record["reported_score"]!, record["steps"]!.AsArray().Count));
        Assert.Equal(score, (double)(await silo.GetAsync("/v1/workers/w")).Json!["history"]![0]!["final_score"]!);
        Assert.Equal(score, (double)(await silo.GetAsync("/v1/workers/w/history")).Json![0]!["final_score"]!);
        Assert.Equal(score, (double)(await silo.GetAsync("/v1/workers/w/trajectory")).Json!["final_score"]!);
        var live = await silo.Client.GetStringAsync($"/v1/episodes/{id}/live?from=1");
        var end = JsonNode.Parse(live.Split('\n').First(static l => l.StartsWith("data: ", StringComparison.Ordinal))["data: ".Length..])!;
        Assert.Equal((score, "v:1"), ((double)end["final_score"]!, (string?)end["scores"]![0]!["event_id"]));
    }

    private static async Task<(int Status, JsonNode? Json)> PatchAsync(SiloServer silo, string id, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await silo.Client.PatchAsync($"/v1/episodes/{id}", content);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync()));
    }

    private static string Score(string id, string value, string more = "") => $$"""{"event_id":"{{id}}","name":"final","value":{{value}},"source":"tests"{{more}}}""";

    private static string Line(string episode, string id, string value) => $$"""{"episode_id":"{{episode}}","event_id":"{{id}}","name":"final","value":{{value}},"source":"tests"}""";
}

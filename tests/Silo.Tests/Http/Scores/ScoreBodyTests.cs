using Rollbook.Silo.Http;

namespace Rollbook.Silo.Tests.Http.Scores;

/// <summary>What the edge takes for a score or label event, and what it says of the rest.</summary>
public sealed class ScoreBodyTests
{
    [Theory]
    [InlineData("""{"name":"final","value":1,"source":"s"}""", "/event_id")]
    [InlineData("""{"event_id":"a b","name":"final","value":1,"source":"s"}""", "/event_id")]
    [InlineData("""{"event_id":"e","value":1,"source":"s"}""", "/name")]
    [InlineData("""{"event_id":"e","name":"final","source":"s"}""", "/value")]
    [InlineData("""{"event_id":"e","name":"final","value":"1","source":"s"}""", "/value")]
    [InlineData("""{"event_id":"e","name":"final","value":1e400,"source":"s"}""", "/value")]
    [InlineData("""{"event_id":"e","name":"final","value":1}""", "/source")]
    [InlineData("""{"event_id":"e","name":"final","value":1,"source":"a\nb"}""", "/source")]
    [InlineData("""{"event_id":"e","name":"final","value":1,"source":"s","metadata":[]}""", "/metadata")]
    [InlineData("""{"event_id":"e","name":"final","value":1,"source":"s","time":"NaN"}""", "/time")]
    [InlineData("""{"event_id":"e","name":"final","value":1,"source":"s","more":1}""", "/more")]
    public async Task Score_ThatIsNotWhatItShouldBe_IsBadJsonAtThatPlace(string body, string pointer)
    {
        await using var server = await EdgeServer.StartAsync();

        var (status, problem) = await server.PostAsync($"/v1/episodes/{EdgeServer.Id}/scores", body);

        Assert.Equal((400, "bad_json", pointer), (status, (string?)problem!["code"], (string?)problem["pointer"]));
        Assert.Empty(server.Episode.Scores);
    }

    [Theory]
    [InlineData("""{"event_id":"e"}""", "/add")]
    [InlineData("""{"event_id":"e","add":"x"}""", "/add")]
    [InlineData("""{"event_id":"e","add":["x",1]}""", "/add/1")]
    [InlineData("""{"event_id":"e","add":[""]}""", "/add/0")]
    [InlineData("""{"event_id":"e","add":["x"],"remove":["x"]}""", "/remove")]
    public async Task Label_ThatIsNotWhatItShouldBe_IsBadJsonAtThatPlace(string body, string pointer)
    {
        await using var server = await EdgeServer.StartAsync();

        var (status, problem) = await server.PostAsync($"/v1/episodes/{EdgeServer.Id}/labels", body);

        Assert.Equal((400, "bad_json", pointer), (status, (string?)problem!["code"], (string?)problem["pointer"]));
    }

    [Theory]
    [InlineData("scores", "rationale", 65_537, "65,536")]
    [InlineData("scores", "source", 270_000, "262,144")]
    public async Task Score_OverALimit_NamesIt(string route, string field, int length, string limit)
    {
        await using var server = await EdgeServer.StartAsync();
        var text = new string('x', length);
        var source = field == "source" ? text : "s";
        var rationale = field == "rationale" ? text : "r";

        var (status, problem) = await server.PostAsync(
            $"/v1/episodes/{EdgeServer.Id}/{route}", $$"""{"event_id":"e","name":"final","value":1,"source":"{{source}}","rationale":"{{rationale}}"}""");

        Assert.Equal((413, "too_large"), (status, (string?)problem!["code"]));
        Assert.Contains(limit, (string?)problem["detail"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RollbookCode.TooManyEvents, "10,000")]
    [InlineData(RollbookCode.ScoreConflict, "event id")]
    [InlineData(RollbookCode.Busy, "again")]
    public async Task Score_ThatTheOwnerRefuses_SaysWhatToDo(RollbookCode code, string detail)
    {
        await using var server = await EdgeServer.StartAsync();
        server.Episode.OnScore = _ => ValueTask.FromResult<IReadOnlyList<ScoreReply>>([new ScoreReply(code, false, null)]);

        var (status, problem) = await server.PostAsync($"/v1/episodes/{EdgeServer.Id}/scores", """{"event_id":"e","name":"final","value":null,"source":"s"}""");

        Assert.Equal(ProblemKind.Of(code).Status, status);
        Assert.Contains(detail, (string?)problem!["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scores_OverTheLimitOfLines_AreRefusedBeforeAnythingIsTaken()
    {
        await using var server = await EdgeServer.StartAsync();
        var line = $$"""{"episode_id":"{{EdgeServer.Id}}","event_id":"e","name":"final","value":1,"source":"s"}""";

        var (status, problem) = await server.PostAsync("/v1/scores", string.Join('\n', Enumerable.Repeat(line, 10_001)), "application/x-ndjson");

        Assert.Equal((413, "too_large"), (status, (string?)problem!["code"]));
        Assert.Empty(server.Episode.Scores);
        Assert.Equal(400, (await server.PostAsync("/v1/scores", "\n\n", "application/x-ndjson")).Status);
    }

    [Fact]
    public async Task Record_WithMoreScoresThanAPage_HasThemAllInTheirOrder()
    {
        await using var server = await EdgeServer.StartAsync();
        for (var i = 0; i < 5; i++)
            await server.PostAsync($"/v1/episodes/{EdgeServer.Id}/scores", $$"""{"event_id":"e{{i}}","name":"final","value":{{i}},"source":"s"}""");

        var (_, record) = await server.GetAsync($"/v1/episodes/{EdgeServer.Id}?steps=false");

        Assert.Equal(["e0", "e1", "e2", "e3", "e4"], record!["scores"]!.AsArray().Select(static s => (string?)s!["event_id"]));
    }
}

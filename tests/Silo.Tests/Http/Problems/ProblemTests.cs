using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Rollbook.Silo.Http;

namespace Rollbook.Silo.Tests.Http.Problems;

/// <summary>The table of errors.</summary>
public sealed class ProblemTests
{
    [Theory]
    [InlineData(RollbookCode.EpisodeNotFound, 404, "episode_not_found", false)]
    [InlineData(RollbookCode.OrdinalGap, 409, "ordinal_gap", false)]
    [InlineData(RollbookCode.OrdinalConflict, 409, "ordinal_conflict", false)]
    [InlineData(RollbookCode.EpisodeEnded, 409, "episode_ended", false)]
    [InlineData(RollbookCode.WriterFenced, 409, "writer_fenced", false)]
    [InlineData(RollbookCode.Busy, 429, "busy", true)]
    [InlineData(RollbookCode.Unavailable, 503, "unavailable", true)]
    [InlineData(RollbookCode.Damaged, 409, "damaged", false)]
    public async Task Append_WhenRefused_AnswersTheTable(RollbookCode code, int status, string text, bool retry)
    {
        await using var server = await EdgeServer.StartAsync();
        server.Episode.OnAppend = _ => ValueTask.FromResult(new AppendReply(code, 17, 0));
        using var content = new StringContent("""{"action_type":"a"}""");
        using var response = await server.Client.PostAsync($"/v1/episodes/{EdgeServer.Id}/steps?from=0", content);
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(text, (string?)problem["code"]);
        Assert.Equal(retry, (bool)problem["retry"]!);
        Assert.Equal(status, (int)problem["status"]!);
        Assert.NotEmpty((string)problem["detail"]!);
        Assert.Equal(code is RollbookCode.OrdinalGap or RollbookCode.OrdinalConflict ? 17 : null, (long?)problem["expected"]);
        Assert.Equal(retry, response.Headers.RetryAfter is not null);
    }

    [Fact]
    public void Of_EveryRefusal_HasARow()
    {
        foreach (var code in Enum.GetValues<RollbookCode>().Where(code => code != RollbookCode.Ok))
        {
            var kind = ProblemKind.Of(code);
            // What of an episode is full is said by the detail.
            var limit = code is RollbookCode.TooManyEvents or RollbookCode.TooManyLabels;
            Assert.Equal(limit ? "too_large" : System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(code.ToString()), kind.Code);
            Assert.Equal(kind.Status is 429 or 503 || code == RollbookCode.WorkerBusy, kind.Retry);
        }
    }

    [Fact]
    public async Task Append_WhenTheGrainThrows_IsUnknown()
    {
        await using var server = await EdgeServer.StartAsync();
        foreach (var error in new Exception[] { new TimeoutException(), new Orleans.Runtime.OrleansException("moving"), new InvalidOperationException() })
        {
            server.Episode.OnAppend = _ => throw error;
            var (status, problem) = await server.PostAsync($"/v1/episodes/{EdgeServer.Id}/steps?from=0", """{"action_type":"a"}""");
            Assert.Equal((503, "unavailable"), (status, (string)problem!["code"]!));
        }
    }

    [Fact]
    public async Task Start_WhenBusy_SaysWhenToComeBack()
    {
        await using var server = await EdgeServer.StartAsync();
        server.Worker.Reply = new StartReply { Code = RollbookCode.WorkerBusy, RetryAfterSeconds = 12.2 };
        using var content = new StringContent("""{"task":"t","variant_id":"v"}""");
        using var response = await server.Client.PostAsync("/v1/workers/w/episodes", content);
        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(13), response.Headers.RetryAfter!.Delta);
    }

    [Theory]
    [InlineData("GET", "/nowhere", 404, "not_found")]
    [InlineData("DELETE", "/v1/workers/w", 405, "method_not_allowed")]
    [InlineData("POST", "/v1/episodes/01K00000000000000000000000/steps", 400, "bad_request")]
    [InlineData("POST", "/v1/episodes/01K00000000000000000000000/steps?from=-1", 400, "bad_request")]
    [InlineData("POST", "/v1/episodes/01K00000000000000000000000/steps?from=1.0", 400, "bad_request")]
    [InlineData("POST", "/v1/episodes/01K00000000000000000000000/steps?from=0x1", 400, "bad_request")]
    [InlineData("POST", "/v1/episodes/01K00000000000000000000000/steps?from=9223372036854775808", 400, "bad_request")]
    [InlineData("POST", "/v1/episodes/01K00000000000000000000000/steps?from=1&from=2", 400, "bad_request")]
    [InlineData("GET", "/v1/episodes/01K00000000000000000000000/steps?limit=0", 400, "bad_request")]
    [InlineData("GET", "/v1/episodes/01K00000000000000000000000?steps=yes", 400, "bad_request")]
    public async Task Send_BadRequest_IsRefused(string method, string path, int status, string code)
    {
        await using var server = await EdgeServer.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await server.Client.SendAsync(request);
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal((status, code), ((int)response.StatusCode, (string)problem["code"]!));
        Assert.Empty(server.Episode.Appends);
    }

    [Fact]
    public async Task Send_FromAnotherSite_IsRefused()
    {
        await using var server = await EdgeServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/episodes/{EdgeServer.Id}/abort") { Content = new StringContent("{}") };
        request.Headers.Add("Origin", "http://evil.example");
        using var response = await server.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Empty(server.Episode.Ends);

        using var renamed = new HttpRequestMessage(HttpMethod.Get, "/health/live");
        renamed.Headers.Host = "rebound.example";
        using var refused = await server.Client.SendAsync(renamed);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    /// <summary>T24: the pointer and the line arrive.</summary>
    [Fact]
    public async Task Append_BadJson_NamesPointerAndLine()
    {
        await using var server = await EdgeServer.StartAsync();
        var (status, problem) = await server.PostAsync(
            $"/v1/episodes/{EdgeServer.Id}/steps?from=0", "{\"action_type\":\"a\"}\n{\"action_type\":\"a\",\"observation_snapshot\":{\"a\":[NaN]}}", StepsApi.Ndjson);
        Assert.Equal(400, status);
        Assert.Equal("bad_json", (string)problem!["code"]!);
        Assert.Equal("/observation_snapshot/a/0", (string)problem["pointer"]!);
        Assert.Equal(2, (int)problem["line"]!);
        Assert.Empty(server.Episode.Appends);
    }

    /// <summary>T26: names by allow-list.</summary>
    [Fact]
    public async Task Send_HostileIds_NeverReachAGrain()
    {
        await using var server = await EdgeServer.StartAsync();
        server.Worker.View = new LoggerView(RollbookCode.Ok, null, []);
        string[] hostile =
        [
            "..%5c", "%2e%2e%2f", "%252e%252e%252f", "a%2Fb", "a%00b", "%E2%80%AEabc", "a%20b", "caf%C3%A9", "cafe%CC%81", "a%0Ab", new string('a', 129),
            new string('a', 3_000), "a%3Bb", "a%27b", "%F0%9F%98%80", "a%3Cb", "%2A", "%FF",
        ];
        foreach (var name in hostile)
        {
            using var response = await server.Client.GetAsync(new Uri($"{server.Client.BaseAddress}v1/workers/{name}"));
            Assert.True((int)response.StatusCode is 400 or 404, $"{name}: {response.StatusCode}");
            using var episode = await server.Client.GetAsync(new Uri($"{server.Client.BaseAddress}v1/episodes/{name}?steps=false"));
            Assert.True((int)episode.StatusCode is 400 or 404, $"{name}: {episode.StatusCode}");
        }

        foreach (var name in new[] { "con", "CON", "a.", ".a", "nul.txt", new string('a', 128), "host-1:0@x+y~z_" })
        {
            using var response = await server.Client.GetAsync($"/v1/workers/{name}");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(name, (string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["worker"]!);
        }

        foreach (var id in new[] { "01k0000000000000000000000I", "81K00000000000000000000000", "01K0000000000000000000000", "01K000000000000000000000000" })
        {
            var (status, problem) = await server.GetAsync($"/v1/episodes/{id}");
            Assert.Equal((400, "bad_request"), (status, (string)problem!["code"]!));
        }
    }
}

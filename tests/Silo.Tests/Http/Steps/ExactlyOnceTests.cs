using System.Text.Json.Nodes;
using Rollbook.Silo.Http;
using Rollbook.Testing;

namespace Rollbook.Silo.Tests.Http.Steps;

/// <summary>T14 and T15: what clients do wrong, against the whole recorder.</summary>
public sealed class ExactlyOnceTests : IAsyncLifetime
{
    private readonly TempDirectory directory = new();
    private SiloServer server = null!;

    public async ValueTask InitializeAsync() => server = await SiloServer.StartAsync(directory.Path);

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        directory.Dispose();
    }

    [Fact]
    public async Task Append_EightAtOnceOfTheSame_StoresOne()
    {
        var id = await server.BeginAsync("same");
        for (var ordinal = 0; ordinal < 25; ordinal++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => server.AppendAsync(id, ordinal, Step($"a{ordinal}"))));
            Assert.All(answers, answer => Assert.Equal((200, ordinal + 1), (answer.Status, (int)answer.Json!["next_ordinal"]!)));
            Assert.Equal(7, answers.Sum(answer => (int)answer.Json!["duplicates"]!));
        }

        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"a{i}"), await ActionsAsync(id));
        Figures.Report("T14", "25 ordinals sent 8-fold at once: each stored once, 7 duplicates told");
    }

    [Fact]
    public async Task Append_EightAtOnceOfDifferent_StoresOneAndRefusesSeven()
    {
        var id = await server.BeginAsync("different");
        var taken = new List<string>();
        for (var ordinal = 0; ordinal < 25; ordinal++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i => (Name: $"{ordinal}-{i}", Answer: await server.AppendAsync(id, ordinal, Step($"{ordinal}-{i}")))));
            taken.Add(Assert.Single(answers, answer => answer.Answer.Status == 200).Name);
            foreach (var (_, answer) in answers.Where(answer => answer.Answer.Status != 200))
            {
                Assert.Equal((409, "ordinal_conflict"), (answer.Status, (string)answer.Json!["code"]!));
                Assert.Equal(ordinal, (int)answer.Json!["expected"]!);
            }
        }

        Assert.Equal(taken, await ActionsAsync(id));
    }

    [Fact]
    public async Task Append_OutOfOrderUntilAllAreTaken_StoresThemInOrder()
    {
        var id = await server.BeginAsync("reorder");
        var random = new Random(14);
        var left = Enumerable.Range(0, 40).ToList();
        while (left.Count > 0)
        {
            var ordinal = left[random.Next(Math.Min(left.Count, 6))];
            var (status, answer) = await server.AppendAsync(id, ordinal, Step($"a{ordinal}"));
            if (status == 200) left.Remove(ordinal);
            else Assert.Equal((409, "ordinal_gap", left[0]), (status, (string)answer!["code"]!, (int)answer["expected"]!));
        }

        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"a{i}"), await ActionsAsync(id));
    }

    [Fact]
    public async Task Append_OverlappingBatches_CompleteEachOther()
    {
        var id = await server.BeginAsync("overlap");
        Assert.Equal(200, (await server.AppendAsync(id, 0, Batch(0, 5), StepsApi.Ndjson)).Status);
        var (_, answer) = await server.AppendAsync(id, 3, Batch(3, 7), StepsApi.Ndjson);
        Assert.Equal((10, 2), ((int)answer!["next_ordinal"]!, (int)answer["duplicates"]!));
        var (status, conflict) = await server.AppendAsync(id, 8, $"{Step("a8")}\n{Step("other")}\n{Step("a10")}", StepsApi.Ndjson);
        Assert.Equal((409, "ordinal_conflict", 9), (status, (string)conflict!["code"]!, (int)conflict["expected"]!));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"a{i}"), await ActionsAsync(id));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1_000_000)]
    [InlineData(int.MaxValue)]
    [InlineData(long.MaxValue - 1)]
    [InlineData(long.MaxValue)]
    public async Task Append_PastTheNext_IsAGap(long from)
    {
        var id = await server.BeginAsync("far");
        var (status, answer) = await server.AppendAsync(id, from, $"[{Step("a")},{Step("b")}]");
        Assert.Equal((409, "ordinal_gap", 0), (status, (string)answer!["code"]!, (int)answer["expected"]!));
        Assert.Empty(await server.LinesAsync(id, $"?from={from}"));
        Assert.Empty(await server.LinesAsync(id));
    }

    [Fact]
    public async Task Append_ToUnknownOrEnded_IsRefused()
    {
        var unknown = EpisodeId.New(TimeProvider.System).ToString();
        Assert.Equal(404, (await server.AppendAsync(unknown, 0, Step("a"))).Status);
        Assert.Equal(404, (await server.GetAsync($"/v1/episodes/{unknown}")).Status);
        Assert.Equal(404, (await server.GetAsync($"/v1/episodes/{unknown}/timeline")).Status);

        var id = await server.BeginAsync("ended");
        Assert.Equal(200, (await server.AppendAsync(id, 0, Step("a"))).Status);
        var (gap, missing) = await server.PostAsync($"/v1/episodes/{id}/end", """{"next_ordinal":3}""");
        Assert.Equal((409, "ordinal_gap", 1), (gap, (string)missing!["code"]!, (int)missing["expected"]!));
        Assert.Equal(200, (await server.PostAsync($"/v1/episodes/{id}/end", """{"next_ordinal":1,"final_score":0.5}""")).Status);
        Assert.Equal(200, (await server.PostAsync($"/v1/episodes/{id}/end", """{"next_ordinal":1,"final_score":0.5}""")).Status);
        var (conflict, other) = await server.PostAsync($"/v1/episodes/{id}/end", """{"next_ordinal":1,"final_score":0.25}""");
        Assert.Equal((409, "end_conflict"), (conflict, (string)other!["code"]!));
        var (ended, answer) = await server.AppendAsync(id, 1, Step("b"));
        Assert.Equal((409, "episode_ended"), (ended, (string)answer!["code"]!));
        var (again, duplicate) = await server.AppendAsync(id, 0, Step("a"));
        Assert.Equal((200, 1), (again, (int)duplicate!["duplicates"]!));
    }

    [Fact]
    public async Task Append_OfAnOldWriter_IsFenced()
    {
        var id = await server.BeginAsync("fenced", """{"task":"t","variant_id":"v","writer":"one"}""");
        var (resumed, reply) = await server.PostAsync($"/v1/episodes/{id}/resume", """{"worker":"fenced","writer":"two","takeover":true}""");
        Assert.True(resumed == 200, $"{resumed} {reply}");
        var epoch = (long)reply!["writer_epoch"]!;
        var (status, answer) = await server.PostAsync($"/v1/episodes/{id}/steps?from=0&writer_epoch={epoch - 1}", Step("a"));
        Assert.Equal((409, "writer_fenced"), (status, (string)answer!["code"]!));
        Assert.Equal(200, (await server.PostAsync($"/v1/episodes/{id}/steps?from=0&writer_epoch={epoch}", Step("a"))).Status);
        var (_, beat) = await server.PostAsync(
            "/v1/heartbeat", $$"""{"episodes":[{"episode_id":"{{id}}","writer_epoch":{{epoch}}},{"episode_id":"{{id}}","writer_epoch":{{epoch - 1}}},{"episode_id":"01K00000000000000000000000"}]}""");
        Assert.Equal(["ok", "writer_fenced", "episode_not_found"], beat!["episodes"]!.AsArray().Select(item => (string)item!["code"]!));
    }

    [Fact]
    public async Task Start_WhileAnotherWriterLives_IsBusyAndRepeatsAreTheSame()
    {
        var body = """{"task":"t","variant_id":"v","writer":"one"}""";
        var id = await server.BeginAsync("shared", body);
        var (busy, problem) = await server.PostAsync("/v1/workers/shared/episodes", """{"task":"t","variant_id":"v","writer":"two"}""");
        Assert.Equal((409, "worker_busy", true), (busy, (string)problem!["code"]!, (bool)problem["retry"]!));
        var (_, taken) = await server.PostAsync("/v1/workers/shared/episodes", """{"task":"t","variant_id":"v","writer":"two","takeover":true}""");
        Assert.Equal(id, (string)taken!["superseded"]!);

        var minted = EpisodeId.New(TimeProvider.System);
        var start = $$"""{"task":"t","variant_id":"v","episode_id":"{{minted}}"}""";
        var first = await server.PostAsync("/v1/workers/minted/episodes", start);
        var second = await server.PostAsync("/v1/workers/minted/episodes", start);
        Assert.Equal((201, 201), (first.Status, second.Status));
        Assert.Equal(first.Json!.ToJsonString(), second.Json!.ToJsonString());
        var (exists, other) = await server.PostAsync("/v1/workers/minted/episodes", start.Replace("\"t\"", "\"u\"", StringComparison.Ordinal));
        Assert.Equal((409, "episode_exists"), (exists, (string)other!["code"]!));
    }

    [Fact]
    public async Task Start_RepeatedUnderOneKey_GivesOneEpisode()
    {
        async Task<(int Status, string Text)> StartAsync(string body)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/workers/keyed/episodes") { Content = new StringContent(body) };
            request.Headers.Add("Idempotency-Key", "k-1");
            using var response = await server.Client.SendAsync(request);
            return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
        }

        var first = await StartAsync("""{"task":"t","variant_id":"v"}""");
        Assert.Equal(201, first.Status);
        Assert.Equal(first, await StartAsync("""{"task":"t","variant_id":"v"}"""));
        var other = await StartAsync("""{"task":"u","variant_id":"v"}""");
        Assert.Equal((422, "idempotency_conflict"), (other.Status, (string)JsonNode.Parse(other.Text)!["code"]!));
    }

    private static string Step(string name) => $$"""{"action_type":"{{name}}"}""";

    private static string Batch(int from, int count) => string.Join('\n', Enumerable.Range(from, count).Select(i => Step($"a{i}")));

    private async Task<IEnumerable<string>> ActionsAsync(string id) =>
        (await server.LinesAsync(id)).Select((line, ordinal) =>
        {
            var step = JsonNode.Parse(line)!;
            Assert.Equal(ordinal, (int)step["ordinal"]!);
            return (string)step["action_type"]!;
        });
}

using System.Text.Json.Nodes;
using Rollbook.Silo.Http;
using Rollbook.Testing;

namespace Rollbook.Silo.Tests.Http.Steps.Envelopes;

/// <summary>Steps of many episodes against the whole recorder.</summary>
public sealed class EnvelopesOnSiloTests : IAsyncLifetime
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
    public async Task Append_InBothWays_RecordsTheSame()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var json = new RandomJson(seed);
            var steps = Enumerable.Range(0, random.Next(1, 8)).Select(_ => json.Members(json.Step())).ToArray();
            var one = await server.BeginAsync($"one-{seed}");
            var many = await server.BeginAsync($"many-{seed}");
            Assert.Equal(200, (await server.AppendAsync(one, 0, string.Join('\n', steps), StepsApi.Ndjson)).Status);
            var answer = Assert.Single(await AppendAsync(steps.Select((step, ordinal) => Line(many, ordinal, step))));
            Assert.Equal(steps.Length, (int?)answer["next_ordinal"]);
            Assert.Equal((await server.LinesAsync(one)).Select(WithoutTimes), (await server.LinesAsync(many)).Select(WithoutTimes));
        }
    }

    [Fact]
    public async Task Append_AgainInPartsAndEightAtOnce_StoresEachOnce()
    {
        var ids = new string[40];
        for (var n = 0; n < ids.Length; n++) ids[n] = await server.BeginAsync($"w{n}");
        for (var ordinal = 0; ordinal < 10; ordinal++)
        {
            // Each request repeats the two steps before.
            var from = Math.Max(0, ordinal - 2);
            var lines = ids.SelectMany(id => Enumerable.Range(from, ordinal + 1 - from).Select(i => Line(id, i, Step($"a{i}")))).ToArray();
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AppendAsync(lines)));
            Assert.All(answers.SelectMany(answer => answer), line => Assert.Equal(ordinal + 1, (int?)line["next_ordinal"]));
            Assert.Equal(ids.Length * ((8 * (ordinal + 1 - from)) - 1), answers.Sum(answer => answer.Sum(line => (int)line["duplicates"]!)));
        }

        foreach (var id in ids)
            Assert.Equal(Enumerable.Range(0, 10).Select(i => $"a{i}"), (await server.LinesAsync(id)).Select(line => (string)JsonNode.Parse(line)!["action_type"]!));
    }

    [Fact]
    public async Task Append_GapConflictEndedFencedUnknown_EachHasItsOwnAnswer()
    {
        var good = await server.BeginAsync("good");
        var gap = await server.BeginAsync("gap");
        var far = await server.BeginAsync("far");
        var conflict = await server.BeginAsync("conflict");
        await server.AppendAsync(conflict, 0, Step("first"));
        var ended = await server.BeginAsync("ended");
        Assert.Equal(200, (await server.PostAsync($"/v1/episodes/{ended}/end", """{"next_ordinal":0}""")).Status);
        var fenced = await server.BeginAsync("fenced");
        var unknown = EpisodeId.New(TimeProvider.System).ToString();
        var answer = await AppendAsync(
        [
            Line(gap, 3, Step("a")), Line(far, long.MaxValue, Step("a")), Line(conflict, 0, Step("other")), Line(ended, 0, Step("a")),
            Line(fenced, 0, Step("a"), epoch: 0), Line(unknown, 0, Step("a")), Line(good, 0, Step("a")), Line(good, 1, Step("b")),
        ]);
        Assert.Equal(
            new Dictionary<string, (string?, int?)>
            {
                [gap] = ("ordinal_gap", 0), [far] = ("ordinal_gap", 0), [conflict] = ("ordinal_conflict", 0), [ended] = ("episode_ended", null),
                [fenced] = ("writer_fenced", null), [unknown] = ("episode_not_found", null), [good] = (null, null),
            },
            answer.ToDictionary(line => (string)line["episode_id"]!, line => ((string?)line["code"], (int?)line["expected"])));
        Assert.Equal(2, (await server.LinesAsync(good)).Length);
        Assert.Empty(await server.LinesAsync(far));
    }

    private static string Step(string name) => $$"""{"action_type":"{{name}}"}""";

    private static string Line(string id, long ordinal, string step, long? epoch = null) =>
        $$"""{"episode_id":"{{id}}","ordinal":{{ordinal}},"writer_epoch":{{epoch?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "null"}},"step":{{step}}}""";

    private static string WithoutTimes(string line)
    {
        var step = JsonNode.Parse(line)!;
        var received = (double)step["received_at"]!;
        step["received_at"] = 0;
        // A step without a time of its own has the recorder's.
        if ((double)step["timestamp"]! == received) step["timestamp"] = 0;
        return step.ToJsonString();
    }

    private async Task<List<JsonNode>> AppendAsync(IEnumerable<string> lines)
    {
        using var content = new StringContent(string.Join('\n', lines));
        using var response = await server.Client.PostAsync("/v1/steps", content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == 200, text);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }
}

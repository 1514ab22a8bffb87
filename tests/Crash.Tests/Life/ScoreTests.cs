using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Rollbook.Client;

namespace Rollbook.Crash.Tests;

/// <summary>A verifier scores what nobody ended, and the recorder is killed before and after it.</summary>
public sealed class ScoreTests
{
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Score_OfALostEpisode_ShowsInEveryReadAfterEachKill()
    {
        using var directory = new TempDirectory();
        string id;
        await using (var silo = await SiloProcess.StartAsync(directory.Path))
        {
            using var client = silo.Client();
            id = (await client.StartAsync("w", new EpisodeStart { Task = "silent", VariantId = "v", DeadlineSeconds = 3 })).EpisodeId;
            await silo.KillAsync();
        }

        await using (var silo = await SiloProcess.StartAsync(directory.Path))
        {
            using var client = silo.Client(TimeSpan.FromSeconds(30));
            await LostAsync(client, id);
            await silo.KillAsync();
        }

        var score = $$"""{"event_id":"verifier:{{id}}","name":"final","value":0.75,"source":"unit-tests","rationale":"3 of 4"}""";
        await using (var silo = await SiloProcess.StartAsync(directory.Path))
        {
            using var http = new HttpClient { BaseAddress = silo.Address };
            // The history has the ending before the score comes, so that there is something old to show.
            Assert.Equal("lost", (string?)(await ReadAsync(http, "/v1/workers/w"))["history"]![0]!["status"]);
            Assert.False((bool)(await ScoreAsync(http, id, score))["duplicate"]!);
            await silo.KillAsync();
        }

        await using var last = await SiloProcess.StartAsync(directory.Path);
        using var reader = new HttpClient { BaseAddress = last.Address };
        // Of the worker first: it must not need the episode to be asked.
        Assert.Equal(0.75, (double)(await ReadAsync(reader, "/v1/workers/w"))["history"]![0]!["final_score"]!);
        Assert.Equal(0.75, (double)(await ReadAsync(reader, "/v1/workers/w/history"))[0]!["final_score"]!);
        Assert.Equal(0.75, (double)(await ReadAsync(reader, "/v1/workers/w/trajectory"))["final_score"]!);
        var record = await ReadAsync(reader, $"/v1/episodes/{id}");
        Assert.Equal(("lost", 0.75, null, "3 of 4"), ((string?)record["status"], (double)record["final_score"]!, (double?)record["reported_score"], (string?)record["scores"]![0]!["rationale"]));
        using var client2 = last.Client();
        Assert.Equal(0.75, (double)JsonNode.Parse(await LostAsync(client2, id))!["final_score"]!);
        Assert.True((bool)(await ScoreAsync(reader, id, score))["duplicate"]!);
    }

    /// <summary>Waits for the ending; gives the record that came with it.</summary>
    private static async Task<string> LostAsync(RollbookHttpClient client, string id)
    {
        using var patience = new CancellationTokenSource(LongestSilence, TimeProvider.System);
        await foreach (var item in client.WatchAsync(id, 0, patience.Token))
            if (item.IsEnd) return Encoding.UTF8.GetString(item.Json.Span);
        throw new TimeoutException($"The live stream of episode {id} closed without an ending.");
    }

    private static async Task<JsonNode> ReadAsync(HttpClient http, string path) => JsonNode.Parse(await http.GetStringAsync(path))!;

    private static async Task<JsonNode> ScoreAsync(HttpClient http, string id, string score)
    {
        using var content = new StringContent(score, Encoding.UTF8, "application/json");
        using var response = await http.PostAsync($"/v1/episodes/{id}/scores", content);
        var answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, answer);
        return JsonNode.Parse(answer)!;
    }
}

using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Rollbook.Silo.Hosting;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Cli.Tests;

/// <summary>The recorder itself, in this process, on a directory of its own.</summary>
internal sealed class RealRecorder : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly WebApplication _app;
    private readonly HttpClient _http;

    private RealRecorder()
    {
        _app = SiloHost.Build(["--urls", "http://127.0.0.1:0", "--data", _directory.Path], builder => builder.Logging.ClearProviders());
        _http = new HttpClient { Timeout = TimeSpan.FromMinutes(2) };
    }

    public string Address => _app.Urls.First();

    public static async Task<RealRecorder> StartAsync()
    {
        var recorder = new RealRecorder();
        await SiloHost.StartAsync(recorder._app);
        recorder._http.BaseAddress = new Uri(recorder.Address);
        return recorder;
    }

    public Task<CliRun> RunAsync(params string[] args) => CliRun.OfAsync(new Dictionary<string, string> { ["ROLLBOOK_URL"] = Address }, args);

    /// <summary>Records an episode as a client would.</summary>
    public async Task RecordAsync(NastyEpisode episode)
    {
        await PostAsync($"/v1/workers/{episode.Worker}/episodes", episode.StartBody);
        if (episode.Steps.Count > 0)
            await PostAsync($"/v1/episodes/{episode.Id}/steps?from=0", string.Join('\n', episode.Steps), "application/x-ndjson");
        foreach (var score in episode.Scores)
            await PostAsync($"/v1/episodes/{episode.Id}/scores", NastyEpisode.ScoreBody(score));
        if (episode.Labels.Count > 0)
            await PostAsync($"/v1/episodes/{episode.Id}/labels", new JsonObject { ["event_id"] = "l", ["add"] = new JsonArray([.. episode.Labels.Select(label => (JsonNode)label)]) }.ToJsonString());
        if (episode.Status != EpisodeStatus.Running)
            await PostAsync($"/v1/episodes/{episode.Id}/end", episode.EndBody);
    }

    /// <summary>Records an episode of one step, and gives its id.</summary>
    public async Task<string> RecordAsync(string worker, EpisodeStatus status)
    {
        var started = await PostAsync($"/v1/workers/{worker}/episodes", """{"task":"t","variant_id":"v"}""");
        var id = (string)JsonNode.Parse(started)!["episode_id"]!;
        await PostAsync($"/v1/episodes/{id}/steps?from=0", """{"action_type":"a"}""");
        if (status != EpisodeStatus.Running)
            await PostAsync($"/v1/episodes/{id}/end", $$"""{"next_ordinal":1,"status":"{{status.ToString().ToLowerInvariant()}}"}""");
        return id;
    }

    public Task<string> GetAsync(string path) => _http.GetStringAsync(path);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _directory.Dispose();
    }

    private async Task<string> PostAsync(string path, string body, string type = "application/json")
    {
        using var content = new StringContent(body, Encoding.UTF8, type);
        using var response = await _http.PostAsync(path, content);
        var answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {answer}");
        return answer;
    }
}

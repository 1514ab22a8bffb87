using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Rollbook.Silo.Hosting;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Cli.Tests;

/// <summary>The recorder itself, in this process, on a directory of its own.</summary>
internal sealed class RealRecorder : IAsyncDisposable
{
    private readonly TempDirectory? _own;
    private readonly WebApplication _app;
    private readonly HttpClient _http;

    private RealRecorder(string? directory, IReadOnlyDictionary<string, string?> settings, params string[] options)
    {
        if (directory is null) directory = (_own = new TempDirectory()).Path;
        _app = SiloHost.Build(["--urls", "http://127.0.0.1:0", "--data", directory, .. options], builder =>
        {
            builder.Logging.ClearProviders();
            builder.Configuration.AddInMemoryCollection(settings);
        });
        _http = new HttpClient { Timeout = TimeSpan.FromMinutes(2) };
    }

    public string Address => _app.Urls.First();

    public static Task<RealRecorder> StartAsync() => StartAsync(null, new Dictionary<string, string?>());

    /// <summary>Starts one on a directory that stays.</summary>
    public static async Task<RealRecorder> StartAsync(string? directory, IReadOnlyDictionary<string, string?> settings)
    {
        var recorder = new RealRecorder(directory, settings);
        await SiloHost.StartAsync(recorder._app);
        recorder._http.BaseAddress = new Uri(recorder.Address);
        return recorder;
    }

    /// <summary>Starts one that asks for keys.</summary>
    public static async Task<RealRecorder> StartLockedAsync()
    {
        var recorder = new RealRecorder(null, new Dictionary<string, string?>(), "--require-keys");
        await SiloHost.StartAsync(recorder._app);
        recorder._http.BaseAddress = new Uri(recorder.Address);
        return recorder;
    }

    /// <summary>The key that the first start made, once.</summary>
    public string? TakeAdminKey() => _app.Services.GetRequiredService<AdminKey>().Take();

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

    /// <summary>The body where the answer is one; the status alone where it is an error, or where the answer broke off.</summary>
    public async Task<(int Status, string? Body)> TryGetAsync(string path)
    {
        using var response = await _http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        try
        {
            var body = await response.Content.ReadAsStringAsync();
            return ((int)response.StatusCode, response.IsSuccessStatusCode ? body : null);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            return ((int)response.StatusCode, null);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _own?.Dispose();
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

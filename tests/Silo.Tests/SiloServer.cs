using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Rollbook.Silo.Hosting;
using Rollbook.Testing;

namespace Rollbook.Silo.Tests;

/// <summary>The whole process in this one: web server, silo and log on a directory of its own.</summary>
internal sealed class SiloServer : IAsyncDisposable
{
    private readonly WebApplication app;

    private SiloServer(WebApplication app)
    {
        this.app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromMinutes(2) };
    }

    public HttpClient Client { get; }

    public IServiceProvider Services => app.Services;

    public static async Task<SiloServer> StartAsync(
        string directory, Action<WebApplicationBuilder>? configure = null, IReadOnlyDictionary<string, string?>? settings = null)
    {
        var app = SiloHost.Build(["--urls", "http://127.0.0.1:0", "--data", directory], builder =>
        {
            builder.Logging.ClearProviders();
            configure?.Invoke(builder);
        }, settings);
        await SiloHost.StartAsync(app);
        return new SiloServer(app);
    }

    public async Task<string> BeginAsync(string worker, string body = """{"task":"t","variant_id":"v"}""")
    {
        var (status, answer) = await PostAsync($"/v1/workers/{worker}/episodes", body);
        Assert.True(status == 201, $"{status}: {answer}");
        return (string)answer!["episode_id"]!;
    }

    public async Task<(int Status, JsonNode? Json)> PostAsync(string path, string body, string type = "application/json")
    {
        using var content = new StringContent(body, Encoding.UTF8, type);
        using var response = await Client.PostAsync(path, content);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync()));
    }

    public Task<(int Status, JsonNode? Json)> AppendAsync(string episode, long from, string body, string type = "application/json") =>
        PostAsync($"/v1/episodes/{episode}/steps?from={from}", body, type);

    public async Task<(int Status, JsonNode? Json)> GetAsync(string path)
    {
        using var response = await Client.GetAsync(path);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync()));
    }

    public async Task<string[]> LinesAsync(string episode, string query = "") =>
        (await Client.GetStringAsync($"/v1/episodes/{episode}/steps{query}")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Exports what was measured and traced, the requests that this client has sent included.</summary>
    public async Task ExportAsync()
    {
        // The server ends a request's span after the answer, and before it takes the next request of a connection.
        await Client.GetAsync("/health/live");
        Services.GetService<TracerProvider>()?.ForceFlush();
        Services.GetService<MeterProvider>()?.ForceFlush();
    }

    public Task StopAsync() => app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }
}

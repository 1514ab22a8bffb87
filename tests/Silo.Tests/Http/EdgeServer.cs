using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Rollbook.Silo.Http;

namespace Rollbook.Silo.Tests.Http;

/// <summary>The edge behind a real socket, with grains that do as they are told.</summary>
internal sealed class EdgeServer : IAsyncDisposable
{
    public const string Id = "01K00000000000000000000000";

    private readonly WebApplication app;

    private EdgeServer(WebApplication app) => this.app = app;

    public FakeEpisode Episode { get; } = new();

    /// <summary>Episodes that are not <see cref="Episode"/>, by grain key.</summary>
    public ConcurrentDictionary<string, FakeEpisode> Episodes { get; } = [];

    public FakeWorker Worker { get; } = new();

    public HttpClient Client { get; private set; } = null!;

    public IServiceProvider Services => app.Services;

    public IEnumerable<EndpointDataSource> Routes => ((IEndpointRouteBuilder)app).DataSources;

    public static async Task<EdgeServer> StartAsync(Action<IServiceCollection>? configure = null)
    {
        EdgeServer? server = null;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = BodyReader.MaxBytes;
        });
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddEdge(["127.0.0.1", "localhost"]);
        builder.Services.AddSingleton(_ => FakeGrains.Create(server!.Episode, server.Worker, server.Episodes.GetValueOrDefault));
        configure?.Invoke(builder.Services);
        var app = builder.Build();
        server = new EdgeServer(app);
        app.MapEdge();
        await app.StartAsync();
        server.Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromMinutes(2) };
        return server;
    }

    public Task StopAsync() => app.StopAsync();

    public async Task<(int Status, JsonNode? Json)> PostAsync(string path, string body, string type = "application/json")
    {
        using var content = new StringContent(body, Encoding.UTF8, type);
        using var response = await Client.PostAsync(path, content);
        return ((int)response.StatusCode, Parse(await response.Content.ReadAsStringAsync()));
    }

    public async Task<(int Status, JsonNode? Json)> GetAsync(string path)
    {
        using var response = await Client.GetAsync(path);
        return ((int)response.StatusCode, Parse(await response.Content.ReadAsStringAsync()));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.DisposeAsync();
    }

    private static JsonNode? Parse(string text) => text.Length == 0 ? null : JsonNode.Parse(text);
}

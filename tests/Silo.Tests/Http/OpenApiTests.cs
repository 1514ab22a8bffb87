using Microsoft.AspNetCore.Routing;

namespace Rollbook.Silo.Tests.Http;

/// <summary>The document that clients are generated from.</summary>
public sealed class OpenApiTests
{
    [Fact]
    public async Task Document_ListsEveryRoute()
    {
        await using var server = await EdgeServer.StartAsync();
        var (status, document) = await server.GetAsync("/openapi/v1.json");
        Assert.Equal(200, status);
        var routes = server.Routes.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .SelectMany(route => (route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []).Select(method => (Path: "/" + route.RoutePattern.RawText!.Trim('/'), Method: method)))
            .Where(route => !route.Path.StartsWith("/openapi", StringComparison.Ordinal)).ToList();
        Assert.True(routes.Count >= 15, $"only {routes.Count} routes");
        foreach (var (path, method) in routes)
        {
            var operation = document!["paths"]?[path]?[method.ToLowerInvariant()];
            Assert.True(operation is not null, $"{method} {path} is not in the document");
            Assert.True(((string?)operation["summary"])?.Length > 0, $"{method} {path} has no summary");
        }
    }

    [Fact]
    public async Task Metrics_AreServed()
    {
        await using var server = await EdgeServer.StartAsync();
        await server.GetAsync("/health/live");
        var text = await server.Client.GetStringAsync("/metrics");
        Assert.Contains("http_server_request_duration_seconds", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ready_BeforeTheHostSaysSo_Is503()
    {
        await using var server = await EdgeServer.StartAsync();
        Assert.Equal(503, (await server.GetAsync("/health/ready")).Status);
        ((Rollbook.Silo.Http.Readiness)server.Services.GetService(typeof(Rollbook.Silo.Http.Readiness))!).Set(true);
        Assert.Equal(200, (await server.GetAsync("/health/ready")).Status);
        Assert.Equal(200, (await server.GetAsync("/health/live")).Status);
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Rollbook.Silo.Tests.Dashboard;

public sealed class DashboardTests
{
    private static readonly string[] Paths = ["/orleans/", "/orleans/DashboardCounters", "/orleans/index.min.js"];

    [Fact]
    public async Task Dashboard_ByDefault_IsNotThere()
    {
        using var directory = new TempDirectory();
        await using var silo = await SiloServer.StartAsync(directory.Path);
        foreach (var path in Paths) Assert.Equal(404, (int)(await silo.Client.GetAsync(path)).StatusCode);
    }

    [Fact]
    public async Task Dashboard_SwitchedOn_ServesThisMachineOnly()
    {
        using var directory = new TempDirectory();
        await using var silo = await StartAsync(directory);
        foreach (var path in Paths) Assert.Equal(200, (int)(await silo.Client.GetAsync(path)).StatusCode);

        // A proxy on this machine, and a caller from elsewhere.
        foreach (var header in new[] { "X-Forwarded-For", "Forwarded", Elsewhere.Header })
        {
            foreach (var path in Paths)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { header, "192.0.2.7" } } };
                Assert.Equal(404, (int)(await silo.Client.SendAsync(request)).StatusCode);
            }
        }
    }

    private static Task<SiloServer> StartAsync(TempDirectory directory) => SiloServer.StartAsync(
        directory.Path,
        builder => builder.Services.AddSingleton<IStartupFilter, Elsewhere>(),
        new Dictionary<string, string?> { ["Rollbook:Dashboard"] = "true" });

    /// <summary>Lets a request come from the address in a header.</summary>
    private sealed class Elsewhere : IStartupFilter
    {
        public const string Header = "X-Test-From";

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((HttpContext context, RequestDelegate rest) =>
            {
                if (context.Request.Headers.TryGetValue(Header, out var from)) context.Connection.RemoteIpAddress = System.Net.IPAddress.Parse(from.ToString());
                return rest(context);
            });
            next(app);
        };
    }
}

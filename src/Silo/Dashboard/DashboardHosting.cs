using Orleans.Dashboard;
using Rollbook.Silo.Http;

namespace Rollbook.Silo.Dashboard;

/// <summary>The dashboard of Orleans: grains, calls and silos, for those who run the recorder. It shows the workers' state, so it is for administrators alone.</summary>
internal static class DashboardHosting
{
    /// <summary>Where it is served.</summary>
    public const string Path = "/orleans";

    /// <summary>Collects what it shows, which costs each call a little.</summary>
    public static ISiloBuilder AddRollbookDashboard(this ISiloBuilder silo) => silo.AddDashboard();

    /// <summary>
    /// Serves it. Who may see it is said here and nowhere else: callers on this machine. An authorization policy goes onto what
    /// <c>MapOrleansDashboard</c> returns, in the place of <see cref="LoopbackOnly"/>.
    /// </summary>
    public static void MapDashboard(this WebApplication app)
    {
        app.UseWhen(static context => context.Request.Path.StartsWithSegments(Path), static branch => branch.Use(LoopbackOnly));
        app.MapOrleansDashboard(Path).ExcludeFromDescription();
    }

    private static Task LoopbackOnly(HttpContext context, RequestDelegate next) =>
        IsLocal(context) ? next(context) : new Problem(ProblemKind.NotFound).ExecuteAsync(context);

    /// <summary>A proxy on this machine passes on what others ask.</summary>
    private static bool IsLocal(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && System.Net.IPAddress.IsLoopback(address)
        && !context.Request.Headers.ContainsKey("Forwarded") && !context.Request.Headers.ContainsKey("X-Forwarded-For");
}

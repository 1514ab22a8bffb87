using Microsoft.AspNetCore.HostFiltering;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OpenTelemetry.Metrics;
using Rollbook.Archive;
using Rollbook.Episodes;
using Rollbook.Query;
using Rollbook.Silo.Doctor;

namespace Rollbook.Silo.Http;

/// <summary>Registers and maps the HTTP API.</summary>
internal static class EdgeHosting
{
    // Sixteen full bodies at once: beyond that a caller waits, and the process keeps its memory.
    private const long BodyBytesInFlight = 16L * BodyReader.MaxBytes;

    /// <summary>Adds what the API's handlers need.</summary>
    /// <param name="services">The silo's services.</param>
    /// <param name="allowedHosts">The names that a Host header may have.</param>
    public static IServiceCollection AddEdge(this IServiceCollection services, IEnumerable<string> allowedHosts)
    {
        services.AddSingleton(new BodyBudget(BodyBytesInFlight));
        services.AddSingleton<BodyReader>();
        services.AddSingleton<ReceiveClock>();
        services.TryAddSingleton<ActiveEpisodes>();
        services.TryAddSingleton(static provider => new BlobCheck(provider.GetService<BlobStore>()));
        services.AddSingleton(static provider =>
        {
            var grains = provider.GetRequiredService<IGrainFactory>();
            return new EpisodeAppends(
                provider.GetRequiredService<ActiveEpisodes>(),
                key => grains.GetGrain<IEpisodeGrain>(key.ToString()),
                provider.GetRequiredService<BlobCheck>(),
                provider.GetRequiredService<TimeProvider>());
        });
        services.AddSingleton(static provider => new EpisodeSources(provider.GetRequiredService<IGrainFactory>(), provider.GetService<RecorderCore>()));
        services.AddSingleton<Readiness>();
        services.AddHealthChecks();
        services.AddOptions<QueryOptions>().BindConfiguration("Rollbook:Query").ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(_ => QueryProgram.Find(typeof(EdgeHosting).Assembly.Location, Environment.ProcessPath ?? ""));
        services.TryAddSingleton<EpisodeQueries>();
        services.TryAddSingleton<SqlQueries>();
        services.ConfigureHttpJsonOptions(options => JsonReply.Configure(options.SerializerOptions));
        services.PostConfigure<HostFilteringOptions>(options =>
        {
            options.AllowedHosts = [.. allowedHosts];
            options.AllowEmptyHosts = false;
            options.IncludeFailureMessage = false;
        });
        services.AddOpenApi("v1", options => options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Rollbook";
            document.Info.Version = "v1";
            document.Info.Description = "The flight recorder of reinforcement-learning rollouts: every acknowledged step is durable and recorded exactly once.";
            return Task.CompletedTask;
        }));
        services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter("Rollbook", "Microsoft.Orleans", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime")
            .AddPrometheusExporter());
        return services;
    }

    /// <summary>Maps all routes.</summary>
    public static void MapEdge(this WebApplication app)
    {
        app.UseHostFiltering();
        app.Use(static (context, next) =>
        {
            context.Response.Headers.XContentTypeOptions = "nosniff";
            return next(context);
        });
        app.UseMiddleware<ProblemMiddleware>();
        app.UseMiddleware<CrossSiteGuard>();
        app.MapWorkers();
        app.MapHistory();
        app.MapQuery();
        app.MapEpisodes();
        app.MapHeartbeat();
        app.MapDeletions();
        app.MapSteps();
        app.MapScores();
        app.MapEnvelopes();
        app.MapLive();
        app.MapBlobs();
        app.MapExport();
        app.MapHealth();
        app.MapDoctor();
        app.MapClient();
        app.MapOpenApi("/openapi/{documentName}.json");
        app.MapPrometheusScrapingEndpoint("/metrics");
    }
}

using System.Reflection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Orleans.Diagnostics;
using Rollbook.StepLog;

namespace Rollbook.Silo.Telemetry;

/// <summary>Sends traces and metrics over OTLP, beside the metrics that Prometheus fetches.</summary>
internal static class OtlpHosting
{
    private const string ServiceName = "OTEL_SERVICE_NAME";

    /// <summary>Adds the exporters of what is wanted. Where nothing is, nothing listens, and a step makes no span.</summary>
    public static void AddOtlp(this WebApplicationBuilder builder, OtlpSettings settings)
    {
        if (settings is { Traces: false, Metrics: false }) return;
        var telemetry = builder.Services.AddOpenTelemetry();
        // The library takes what is said in code before what is said in the environment.
        if (builder.Configuration[ServiceName] is not { Length: > 0 })
            telemetry.ConfigureResource(static resource => resource.AddService("rollbook", serviceVersion: Version()));
        if (settings.Metrics) telemetry.WithMetrics(static metrics => metrics.AddOtlpExporter());
        if (settings.Traces) telemetry.WithTracing(tracing => AddTraces(tracing, builder.Configuration));
    }

    /// <summary>Lets the spans of calls between grains and silos be one trace. It costs each call a little, so only where traces are wanted.</summary>
    public static ISiloBuilder AddTraces(this ISiloBuilder silo, OtlpSettings settings) => settings.Traces ? silo.AddActivityPropagation() : silo;

    private static void AddTraces(TracerProviderBuilder tracing, IConfiguration configuration)
    {
        tracing.AddSource(StepTrace.Name, ActivitySources.AllActivitySourceName)
            .AddAspNetCoreInstrumentation(static http => http.Filter = static context => context.Request.Path.StartsWithSegments("/v1"))
            .AddOtlpExporter();
        if (configuration[OtlpSettings.Sampler] is not { Length: > 0 })
            tracing.SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(OtlpSettings.DefaultShare)));
    }

    private static string Version() => typeof(OtlpHosting).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
}

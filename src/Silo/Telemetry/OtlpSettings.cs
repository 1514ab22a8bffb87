using Rollbook.Silo.Hosting;

namespace Rollbook.Silo.Telemetry;

/// <summary>What is exported over OTLP, told by OpenTelemetry's own variables, which may stand in the configuration files, too.</summary>
/// <param name="Traces">Whether traces are.</param>
/// <param name="Metrics">Whether metrics are.</param>
internal sealed record OtlpSettings(bool Traces, bool Metrics)
{
    /// <summary>Where to. Without it nothing is exported.</summary>
    public const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>How many traces are taken; see <see cref="DefaultShare"/>.</summary>
    public const string Sampler = "OTEL_TRACES_SAMPLER";

    /// <summary>The share of the traces that begin here which are taken where nothing else is said. A caller's own decision is always kept.</summary>
    public const double DefaultShare = 0.01;

    private const string TracesExporter = "OTEL_TRACES_EXPORTER";
    private const string MetricsExporter = "OTEL_METRICS_EXPORTER";
    private const string Disabled = "OTEL_SDK_DISABLED";

    /// <summary>Reads the variables.</summary>
    /// <exception cref="BadOptionsException">One has a value that can't be used.</exception>
    public static OtlpSettings Read(IConfiguration configuration)
    {
        if (configuration[Endpoint] is not { Length: > 0 } endpoint || string.Equals(configuration[Disabled], "true", StringComparison.OrdinalIgnoreCase)) return new OtlpSettings(false, false);
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw new BadOptionsException($"{Endpoint} is not an http or https address. Write it like http://127.0.0.1:4317.");
        return new OtlpSettings(IsWanted(configuration, TracesExporter), IsWanted(configuration, MetricsExporter));
    }

    private static bool IsWanted(IConfiguration configuration, string key) => configuration[key] switch
    {
        null or "" or "otlp" => true,
        "none" => false,
        _ => throw new BadOptionsException($"{key} must be otlp or none."),
    };
}

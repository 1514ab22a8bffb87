using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Rollbook.Doctor;
using Rollbook.Silo.Http;

namespace Rollbook.Silo.Doctor;

/// <summary>What is wrong with this silo, and the cure.</summary>
internal static class DoctorApi
{
    private static readonly string Version =
        typeof(DoctorApi).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>Maps the route.</summary>
    public static void MapDoctor(this IEndpointRouteBuilder routes) => routes.MapGet("/v1/doctor", ExamineAsync)
        .WithTags("Health").WithName("Doctor")
        .WithSummary("What is wrong with this silo, and the cure: its log, archive, storage, clocks and configuration, and its versions.")
        .Produces(200, contentType: "application/json");

    private static async Task<JsonReply> ExamineAsync(HealthCheckService health, TimeProvider time, CancellationToken cancellation)
    {
        var report = await health.CheckHealthAsync(cancellation);
        return new JsonReply(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("state"u8, Name(report.Status));
            writer.WriteString("version"u8, Version);
            writer.WriteString("runtime"u8, RuntimeInformation.FrameworkDescription);
            writer.WriteNumber("time"u8, time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
            writer.WriteStartObject("formats"u8);
            foreach (var (name, version) in Formats.All) writer.WriteNumber(name, version);
            writer.WriteEndObject();
            writer.WriteStartArray("checks"u8);
            foreach (var (name, entry) in report.Entries)
            {
                writer.WriteStartObject();
                writer.WriteString("check"u8, name);
                writer.WriteString("state"u8, Name(entry.Status));
                // What a check throws may hold anything; its own texts are meant to be read.
                writer.WriteString("text"u8, entry.Exception is { } failed ? $"it could not be looked at ({failed.GetType().Name})" : entry.Description);
                if (entry.Data.TryGetValue(Finding.Cure, out var cure)) writer.WriteString("cure"u8, cure.ToString());
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    private static string Name(HealthStatus status) => status switch { HealthStatus.Healthy => "ok", HealthStatus.Degraded => "warn", _ => "fail" };
}

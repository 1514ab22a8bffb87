using Rollbook.Episodes;

namespace Rollbook.Silo.Http;

/// <summary>What a supervisor asks.</summary>
internal static class HealthApi
{
    /// <summary>Maps the routes.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var health = routes.MapGroup("/health").WithTags("Health");
        health.MapGet("/live", Live).WithName("Live").WithSummary("200 while the process answers.").Produces(200, contentType: "application/json");
        health.MapGet("/ready", Ready).WithName("Ready").WithSummary("200 while it takes steps, else 503.")
            .Produces(200, contentType: "application/json").Produces(503, contentType: "application/json");
    }

    private static JsonReply Live() => Status("live", StatusCodes.Status200OK);

    // A silo that is cut off from storage refuses reads and can't acknowledge: others should be asked.
    private static JsonReply Ready(HttpContext http, Readiness readiness) =>
        readiness.IsReady && http.RequestServices.GetService<RecorderCore>() is not { MayAnswer: false } ? Status("ready", StatusCodes.Status200OK) : Status("not_ready", StatusCodes.Status503ServiceUnavailable);

    private static JsonReply Status(string text, int code) => new(
        writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("status"u8, text);
            writer.WriteEndObject();
        },
        code);
}

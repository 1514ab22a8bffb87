using System.Globalization;
using Rollbook.Access;

namespace Rollbook.Silo.Http;

/// <summary>An episode as it happens.</summary>
internal static class LiveApi
{
    /// <summary>Maps the routes.</summary>
    public static void MapLive(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/episodes/{id}/live", Watch).WithTags("Live").WithName("WatchEpisode").Requires(AccessScopes.Read, lasts: true)
            .WithSummary("Server-sent events: every step from `from` on, then live, then the ending.")
            .WithDescription("`event: step`, `id`: the ordinal, `data`: the step as in `/steps`; at last `event: end` with the record, and the stream closes. `Last-Event-ID` resumes behind that ordinal.")
            .Produces(200, contentType: "text/event-stream").WithProblems(400, 404, 409, 503).WithQuery("from");

    private static LiveReply Watch(HttpContext http, string id, IGrainFactory grains, IHostApplicationLifetime lifetime, TimeProvider time)
    {
        var key = PathNames.Episode(http, id);
        return new LiveReply(grains.GetGrain<IEpisodeGrain>(key.ToString()), From(http), lifetime.ApplicationStopping, time);
    }

    private static long From(HttpContext http)
    {
        var last = http.Request.Headers["Last-Event-ID"];
        if (last.Count == 0 || last is [""]) return QueryNumbers.Optional(http, "from") ?? 0;
        if (last.Count == 1 && long.TryParse(last[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal) && ordinal < long.MaxValue)
            return ordinal + 1;
        throw RefusedException.BadRequest("Last-Event-ID must be the ordinal of the last step that was seen.");
    }
}

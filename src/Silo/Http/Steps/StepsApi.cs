using Rollbook.Access;

namespace Rollbook.Silo.Http;

/// <summary>Steps of one episode: append and read.</summary>
internal static class StepsApi
{
    /// <summary>The media type of a step a line.</summary>
    public const string Ndjson = "application/x-ndjson";

    /// <summary>Maps the routes.</summary>
    public static void MapSteps(this IEndpointRouteBuilder routes)
    {
        var episode = routes.MapGroup("/v1/episodes/{id}").WithTags("Steps");
        episode.MapPost("/steps", AppendRoute.Of(routes.ServiceProvider).HandleAsync).WithName("AppendSteps").Requires(AccessScopes.Ingest)
            .WithSummary("Records steps, durably, each exactly once.")
            .WithDescription("The body is one step object, an array of steps, or NDJSON. `from` (required) is the ordinal of the first; `writer_epoch` comes from the start or resume and is optional. 200 means: in stable storage. Send the same again after no answer, a time-out or a 5xx.")
            .WithBody("One step, an array of steps, or NDJSON. Only action_type is required.", "application/json", Ndjson)
            .Produces<AppendAnswer>().WithProblems(400, 404, 409, 413, 415, 429, 503).WithQuery("from", "writer_epoch");
        episode.MapGet("/steps", Read).WithName("ReadSteps").Requires(AccessScopes.Read)
            .WithSummary("The steps as NDJSON, streamed.")
            .WithDescription("A line a step: ordinal, received_at and the step as it was sent, defaults filled. `from` (default 0) and `limit` (default all) choose them.")
            .Produces(200, contentType: Ndjson).WithProblems(400, 404, 409, 503).WithQuery("from", "limit");
        episode.MapGet("/timeline", Timeline).WithName("ReadTimeline").Requires(AccessScopes.Read)
            .WithSummary("Actions and outcomes in short.").Produces(200, contentType: "application/json").WithProblems(400, 404, 409, 503);
        episode.MapGet("/replay-actions", ReplayActions).WithName("ReadReplayActions").Requires(AccessScopes.Read)
            .WithSummary("What is needed to act the episode again.").Produces(200, contentType: "application/json").WithProblems(400, 404, 409, 503);
    }

    private static IResult Read(HttpContext http, string id, EpisodeSources episodes)
    {
        var key = PathNames.Episode(http, id);
        var from = QueryNumbers.Optional(http, "from") ?? 0;
        var limit = QueryNumbers.Optional(http, "limit") ?? long.MaxValue;
        if (limit == 0) throw RefusedException.BadRequest("limit in the query must be 1 or more.");
        return new StepLinesReply(StepPages.ReadAsync(episodes.Of(key), from, limit));
    }

    private static StepArrayReply Timeline(HttpContext http, string id, EpisodeSources episodes) =>
        All(http, id, episodes, StepLineWriter.WriteTimelineItem);

    private static StepArrayReply ReplayActions(HttpContext http, string id, EpisodeSources episodes) =>
        All(http, id, episodes, StepLineWriter.WriteReplayAction);

    private static StepArrayReply All(HttpContext http, string id, EpisodeSources episodes, StepPages.WriteStep write) =>
        new(StepPages.ReadAsync(episodes.Of(PathNames.Episode(http, id)), 0, long.MaxValue), write);
}

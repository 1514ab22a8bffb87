using Rollbook.Access;

namespace Rollbook.Silo.Http;

/// <summary>What verifiers and persons add to episodes: scores and labels.</summary>
internal static class ScoresApi
{
    private const string Ndjson = "application/x-ndjson";
    private const string ScoreFields = "event_id, name, value, source, rationale?, metadata?, time?";

    /// <summary>Maps the routes.</summary>
    public static void MapScores(this IEndpointRouteBuilder routes)
    {
        var episode = routes.MapGroup("/v1/episodes/{id}").WithTags("Scores");
        episode.MapPost("/scores", ScoreAsync).WithName("ScoreEpisode").Requires(AccessScopes.Ingest)
            .WithSummary("Adds a score event, in any status and at any time.")
            .WithDescription("`event_id` makes a repeat harmless. The newest event named `final` is the episode's `final_score` in every read; a `value` of null says that it is not scored.")
            .WithBody($"{{{ScoreFields}}}", "application/json").Produces<ScoreAnswer>().WithProblems(400, 404, 409, 413, 415, 429, 503);
        episode.MapPost("/labels", LabelAsync).WithName("LabelEpisode").Requires(AccessScopes.Ingest)
            .WithSummary("Sets labels and takes labels away, in any status and at any time.")
            .WithDescription("`event_id` makes a repeat harmless; scores and labels of an episode share the ids.")
            .WithBody("{event_id, add?, remove?}", "application/json").Produces<LabelAnswer>().WithProblems(400, 404, 409, 413, 415, 429, 503);
        routes.MapPost("/v1/scores", ScoreManyAsync).WithTags("Scores").WithName("ScoreEpisodes").Requires(AccessScopes.Ingest)
            .WithSummary("Adds up to 10,000 score events of any episodes.")
            .WithDescription("A line a score. The answer is streamed, a line a score as it completes, in any order: `{line, episode_id, event_id, duplicate, final_score}` or `{line, episode_id, event_id, code, retry, detail}`. One's refusal refuses no other.")
            .WithBody($"NDJSON: {{episode_id, {ScoreFields}}}", Ndjson).Produces(200, contentType: Ndjson).WithProblems(400, 413, 415, 429);
    }

    private static async Task<IResult> ScoreAsync(HttpContext http, string id, IGrainFactory grains, BodyReader bodies)
    {
        var key = PathNames.Episode(http, id);
        ScoreEvent score;
        using (var body = await bodies.ReadAsync(http, BodyLimit.Small))
        {
            score = ScoreBody.Read(body.Span);
        }

        var reply = (await grains.GetGrain<IEpisodeGrain>(key.ToString()).Score([score]))[0];
        return reply.Code == RollbookCode.Ok
            ? TypedResults.Ok(new ScoreAnswer(score.EventId, reply.Duplicate, reply.FinalScore))
            : Problem.Of(reply.Code);
    }

    private static async Task<IResult> LabelAsync(HttpContext http, string id, IGrainFactory grains, BodyReader bodies)
    {
        var key = PathNames.Episode(http, id);
        LabelEvent labels;
        using (var body = await bodies.ReadAsync(http, BodyLimit.Small))
        {
            labels = LabelBody.Read(body.Span);
        }

        var reply = await grains.GetGrain<IEpisodeGrain>(key.ToString()).Label(labels);
        return reply.Code == RollbookCode.Ok
            ? TypedResults.Ok(new LabelAnswer(labels.EventId, reply.Duplicate, reply.Labels))
            : Problem.Of(reply.Code);
    }

    private static async Task<IResult> ScoreManyAsync(HttpContext http, IGrainFactory grains, BodyReader bodies, TimeProvider time)
    {
        var project = CallerProject.Of(http);
        ScoreLines lines;
        using (var body = await bodies.ReadAsync(http, BodyLimit.Scores))
        {
            lines = ScoreLines.Read(body.Span);
        }

        return new ScoreLinesReply(lines, id => grains.GetGrain<IEpisodeGrain>(new EpisodeKey(project, id).ToString()), time);
    }
}

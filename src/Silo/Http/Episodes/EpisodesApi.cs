using Rollbook.Access;

namespace Rollbook.Silo.Http;

/// <summary>One episode: its record and its ending.</summary>
internal static class EpisodesApi
{
    /// <summary>Maps the routes.</summary>
    public static void MapEpisodes(this IEndpointRouteBuilder routes)
    {
        var episode = routes.MapGroup("/v1/episodes/{id}").WithTags("Episodes");
        episode.MapGet("", ReadAsync).WithName("ReadEpisode").Requires(AccessScopes.Read)
            .WithSummary("The record, with its steps.").WithDescription("`steps=false` leaves the steps out. A running episode shows what is recorded now.")
            .Produces(200, contentType: "application/json").WithProblems(400, 404, 409, 503).WithQuery("steps");
        episode.MapPatch("", PatchAsync).WithName("PatchEpisode").Requires(AccessScopes.Ingest)
            .WithSummary("Sets fields of the record that are absent.").WithDescription("A field that has another value is `field_conflict`, and then nothing is set. The answer is the record without its steps.")
            .WithBody("{group_id?, attempt?, seed?, policy_version?, environment?}", "application/json").Produces(200, contentType: "application/json").WithProblems(400, 404, 409, 413, 429, 503);
        episode.MapPost("/end", EndAsync).WithName("EndEpisode").Requires(AccessScopes.Ingest)
            .WithSummary("Ends the episode.").WithDescription("`next_ordinal` is required: an ending that misses steps is refused. A repeat with the same content gives the same answer. `status` (default completed) is for an import that keeps the ending of another recorder: superseded, aborted or lost.")
            .WithBody("{next_ordinal, final_score?, end_cause?, writer_epoch?, end_time?, status?}", "application/json").Produces<EndAnswer>().WithProblems(400, 404, 409, 413, 429, 503);
        episode.MapPost("/abort", AbortAsync).WithName("AbortEpisode").Requires(AccessScopes.Ingest)
            .WithSummary("Ends the episode by request, whatever its writer does.")
            .WithBody("{cause?}", "application/json").Produces<EndAnswer>().WithProblems(400, 404, 409, 413, 429, 503);
        episode.MapPost("/resume", ResumeAsync).WithName("ResumeEpisode").Requires(AccessScopes.Ingest)
            .WithSummary("Gives a running or lost episode a new writer.")
            .WithBody("{worker, writer?, takeover?}", "application/json").Produces(200, contentType: "application/json").WithProblems(400, 404, 409, 413, 429, 503);
    }

    /// <summary>Maps the route of signs of life.</summary>
    public static void MapHeartbeat(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/heartbeat", HeartbeatAsync).WithTags("Episodes").WithName("Heartbeat").Requires(AccessScopes.Ingest)
            .WithSummary("Signs of life for up to 1,000 episodes: a long tool call is not silence.")
            .WithDescription("The answer tells for each episode ok, or why its writer should stop: writer_fenced, episode_ended, episode_not_found; or unavailable.")
            .WithBody("{episodes: [{episode_id, writer_epoch?}]}", "application/json").Produces<HeartbeatAnswer>().WithProblems(400, 413, 503);

    private static async Task<IResult> HeartbeatAsync(HttpContext http, IGrainFactory grains, BodyReader bodies)
    {
        var project = CallerProject.Of(http);
        List<(EpisodeId Id, long? WriterEpoch)> episodes;
        using (var body = await bodies.ReadAsync(http, BodyLimit.Small))
        {
            episodes = HeartbeatBody.Read(body.Span);
        }

        return TypedResults.Ok(new HeartbeatAnswer(await Task.WhenAll(episodes.Select(BeatAsync))));

        async Task<HeartbeatAnswer.Episode> BeatAsync((EpisodeId Id, long? WriterEpoch) episode)
        {
            RollbookCode code;
            try
            {
                code = await grains.GetGrain<IEpisodeGrain>(new EpisodeKey(project, episode.Id).ToString()).Heartbeat(episode.WriterEpoch);
            }
            catch (Exception error) when (error is Orleans.Runtime.OrleansException or TimeoutException)
            {
                // One episode whose owner moves must not hide the others' answers.
                code = RollbookCode.Unavailable;
            }

            return new HeartbeatAnswer.Episode(episode.Id.ToString(), code == RollbookCode.Ok ? "ok" : ProblemKind.Of(code).Code);
        }
    }

    private static async Task<IResult> ReadAsync(HttpContext http, string id, EpisodeSources episodes)
    {
        var episode = episodes.Of(PathNames.Episode(http, id));
        var withSteps = QueryNumbers.Flag(http, "steps", absent: true);
        var view = await episode.ReadAsync();
        return view.Record is null ? throw StepPages.Refusal(view.Code, view.Damage) : new RecordReply(episode, view, withSteps);
    }

    private static async Task<IResult> PatchAsync(HttpContext http, string id, IGrainFactory grains, BodyReader bodies)
    {
        var grain = Grain(http, id, grains);
        PatchEpisode patch;
        using (var body = await bodies.ReadAsync(http, BodyLimit.Small))
        {
            patch = PatchBody.Read(body.Span);
        }

        var reply = await grain.Patch(patch);
        return reply.Code switch
        {
            RollbookCode.Ok => new RecordReply(EpisodeReads.Through(grain), reply.View, withSteps: false),
            RollbookCode.FieldConflict => new Problem(ProblemKind.Of(reply.Code)) { Pointer = $"/{reply.Field}" },
            _ => Problem.Of(reply.Code),
        };
    }

    private static async Task<IResult> EndAsync(HttpContext http, string id, IGrainFactory grains, BodyReader bodies)
    {
        var grain = Grain(http, id, grains);
        using var body = await bodies.ReadAsync(http, BodyLimit.Small);
        return Ended(await grain.End(EndBodies.ReadEnd(body.Span)));
    }

    private static async Task<IResult> AbortAsync(HttpContext http, string id, IGrainFactory grains, BodyReader bodies)
    {
        var grain = Grain(http, id, grains);
        using var body = await bodies.ReadAsync(http, BodyLimit.Small);
        return Ended(await grain.End(EndBodies.ReadAbort(body.Span)));
    }

    private static async Task<IResult> ResumeAsync(HttpContext http, string id, IGrainFactory grains, BodyReader bodies)
    {
        var key = PathNames.Episode(http, id);
        ResumeEpisode request;
        using (var body = await bodies.ReadAsync(http, BodyLimit.Small))
        {
            request = ResumeBody.Read(key, body.Span);
        }

        var reply = await grains.GetGrain<ILoggerGrain>(LoggerKey.Of(key.Project, request.Worker)).Resume(request);
        if (reply.Record is not { } record || reply.Code != RollbookCode.Ok) return WorkersApi.Refused(reply);
        var view = new EpisodeView(RollbookCode.Ok, record, reply.WriterEpoch, null, null);
        return new RecordReply(EpisodeReads.Through(grains.GetGrain<IEpisodeGrain>(key.ToString())), view, withSteps: false, writer =>
        {
            writer.WriteNumber("next_ordinal"u8, reply.NextOrdinal);
            writer.WriteNumber("writer_epoch"u8, reply.WriterEpoch);
        });
    }

    private static IEpisodeGrain Grain(HttpContext http, string id, IGrainFactory grains) =>
        grains.GetGrain<IEpisodeGrain>(PathNames.Episode(http, id).ToString());

    private static IResult Ended(EndReply reply)
    {
        if (reply.Code == RollbookCode.Ok && reply.Record is { } record) return TypedResults.Ok(EndAnswer.Of(record));
        return new Problem(ProblemKind.Of(reply.Code)) { Expected = reply.Code == RollbookCode.OrdinalGap ? reply.Expected : null };
    }
}

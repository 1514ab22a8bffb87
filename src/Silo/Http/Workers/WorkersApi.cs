using Rollbook.Access;
using Rollbook.Hosting;

namespace Rollbook.Silo.Http;

/// <summary>One worker: start, and what it records and recorded.</summary>
internal static class WorkersApi
{
    private const int MaxIdempotencyKey = 128;

    /// <summary>Maps the routes.</summary>
    public static void MapWorkers(this IEndpointRouteBuilder routes)
    {
        var worker = routes.MapGroup("/v1/workers/{worker}").WithTags("Workers");
        worker.MapPost("/episodes", StartAsync).WithName("StartEpisode").Requires(AccessScopes.Ingest)
            .WithSummary("Begins an episode and supersedes the worker's unfinished one.")
            .WithDescription("Only `task` and `variant_id` are required. The header `Idempotency-Key` makes a repeat give the same answer.")
            .WithBody("{task, variant_id, group_id?, attempt?, seed?, policy_version?, environment?, parent_episode_id?, metadata?, initial_observation?, episode_id?, start_time?, deadline_seconds?, writer?, takeover?}", "application/json").Produces<StartAnswer>(201).WithProblems(400, 409, 413, 415, 422, 429, 503);
        worker.MapGet("", ReadAsync).WithName("ReadWorker").Requires(AccessScopes.Read).WithSummary("The current episode and the last ten.")
            .Produces<WorkerAnswer>().WithProblems(400, 404, 503);
        worker.MapGet("/trajectory", TrajectoryAsync).WithName("ReadWorkerTrajectory").Requires(AccessScopes.Read)
            .WithSummary("The current episode, else the last ended one, whole; null where there is none.")
            .Produces(200, contentType: "application/json").WithProblems(400, 409, 503);
        worker.MapGet("/timeline", TimelineAsync).WithName("ReadWorkerTimeline").Requires(AccessScopes.Read).WithSummary("Its actions and outcomes in short.")
            .Produces(200, contentType: "application/json").WithProblems(400, 409, 503);
        worker.MapGet("/replay-actions", ReplayActionsAsync).WithName("ReadWorkerReplayActions").Requires(AccessScopes.Read).WithSummary("What is needed to act it again.")
            .Produces(200, contentType: "application/json").WithProblems(400, 409, 503);
        worker.MapGet("/history", HistoryAsync).WithName("ReadWorkerHistory").Requires(AccessScopes.Read).WithSummary("The last ten ended episodes, oldest first.")
            .Produces<HistoryItem[]>().WithProblems(400, 503);
    }

    /// <summary>The answer to a start or resume that was refused.</summary>
    public static Problem Refused(StartReply reply) => new(ProblemKind.Of(reply.Code)) { RetryAfter = reply.RetryAfterSeconds };

    private static async Task<IResult> StartAsync(HttpContext http, string worker, IGrainFactory grains, BodyReader bodies)
    {
        var project = CallerProject.Of(http);
        PathNames.Worker(worker);
        var idempotencyKey = IdempotencyKey(http);
        StartEpisode request;
        using (var body = await bodies.ReadAsync(http, BodyLimit.Small))
        {
            request = StartBody.Read(project, worker, idempotencyKey, body.Span);
        }

        http.RequestServices.GetService<EdgeHint>()?.Give();
        var reply = await Grain(http, worker, grains).Start(request);
        if (reply.Record is not { } record || reply.Code != RollbookCode.Ok) return Refused(reply);
        var id = record.Key.Id.ToString();
        return TypedResults.Created(
            $"/v1/episodes/{id}",
            new StartAnswer(id, record.Worker, record.Status, record.StartTime, reply.NextOrdinal, reply.WriterEpoch, reply.Superseded?.ToString()));
    }

    private static async Task<IResult> ReadAsync(HttpContext http, string worker, IGrainFactory grains)
    {
        var view = await Grain(http, worker, grains).Read();
        if (view.Code != RollbookCode.Ok) return Problem.Of(view.Code);
        return TypedResults.Ok(new WorkerAnswer(
            worker,
            view.Current is null ? "idle" : "running",
            view.Current is { } current ? SummaryAnswer.Of(current) : null,
            [.. view.History.Select(SummaryAnswer.Of)]));
    }

    private static async Task<IResult> HistoryAsync(HttpContext http, string worker, IGrainFactory grains)
    {
        var view = await Grain(http, worker, grains).Read();
        return view.Code switch
        {
            RollbookCode.Ok => TypedResults.Ok(view.History.Select(HistoryItem.Of).ToArray()),
            RollbookCode.WorkerNotFound => TypedResults.Ok(Array.Empty<HistoryItem>()),
            _ => Problem.Of(view.Code),
        };
    }

    private static async Task<IResult> TrajectoryAsync(HttpContext http, string worker, IGrainFactory grains, EpisodeSources episodes)
    {
        var latest = await LatestAsync(http, worker, grains, episodes);
        if (latest is not { } episode) return new JsonReply(writer => writer.WriteNullValue());
        return new StepArrayReply(
            StepPages.ReadAsync(episode.Reads, 0, episode.Record.StepCount, exact: true),
            StepLineWriter.WriteReference,
            open: writer =>
            {
                writer.WriteStartObject();
                RecordWriter.WriteReferenceHead(writer, episode.Record);
                writer.WritePropertyName("steps"u8);
            },
            close: writer =>
            {
                RecordWriter.WriteReferenceFoot(writer, episode.Record);
                writer.WriteEndObject();
            });
    }

    private static Task<IResult> TimelineAsync(HttpContext http, string worker, IGrainFactory grains, EpisodeSources episodes) =>
        StepsAsync(http, worker, grains, episodes, StepLineWriter.WriteTimelineItem);

    private static Task<IResult> ReplayActionsAsync(HttpContext http, string worker, IGrainFactory grains, EpisodeSources episodes) =>
        StepsAsync(http, worker, grains, episodes, StepLineWriter.WriteReplayAction);

    private static async Task<IResult> StepsAsync(HttpContext http, string worker, IGrainFactory grains, EpisodeSources episodes, StepPages.WriteStep write)
    {
        var latest = await LatestAsync(http, worker, grains, episodes);
        if (latest is not { } episode) return new JsonReply(writer => writer.WriteRawValue("[]"u8, skipInputValidation: true));
        return new StepArrayReply(StepPages.ReadAsync(episode.Reads, 0, episode.Record.StepCount, exact: true), write);
    }

    /// <summary>The worker's current episode, else the last that ended; null where it never started one.</summary>
    private static async Task<(EpisodeReads Reads, EpisodeRecord Record)?> LatestAsync(HttpContext http, string worker, IGrainFactory grains, EpisodeSources episodes)
    {
        var view = await Grain(http, worker, grains).Read();
        if (view.Code == RollbookCode.WorkerNotFound) return null;
        if (view.Code != RollbookCode.Ok) throw StepPages.Refusal(view.Code);
        var summary = view.Current ?? (view.History.Count > 0 ? view.History[^1] : null);
        if (summary is null) return null;
        var reads = episodes.Of(new EpisodeKey(CallerProject.Of(http), summary.Id));
        var episode = await reads.ReadAsync();
        return episode.Record is { } record ? (reads, record) : throw StepPages.Refusal(episode.Code, episode.Damage);
    }

    private static ILoggerGrain Grain(HttpContext http, string worker, IGrainFactory grains) =>
        grains.GetGrain<ILoggerGrain>(LoggerKey.Of(CallerProject.Of(http), PathNames.Worker(worker)));

    private static string? IdempotencyKey(HttpContext http)
    {
        var values = http.Request.Headers["Idempotency-Key"];
        if (values.Count == 0) return null;
        return values is [{ Length: >= 1 and <= MaxIdempotencyKey } key]
            ? key
            : throw RefusedException.BadRequest("Idempotency-Key must be one value of 1 to 128 characters.");
    }
}

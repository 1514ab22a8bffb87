using System.Collections.Concurrent;
using Rollbook.Access;
using Rollbook.Archive;
using Rollbook.Query;
using Rollbook.StepLog;

namespace Rollbook.Silo.Http;

/// <summary>Deleting episodes, and the receipts of that.</summary>
internal static class DeletionsApi
{
    private const int ReadsAtOnce = 32;

    /// <summary>Maps the routes.</summary>
    public static void MapDeletions(this IEndpointRouteBuilder routes)
    {
        routes.MapDelete("/v1/episodes/{id}", DeleteOneAsync).WithTags("Deletion").WithName("DeleteEpisode").Requires(AccessScopes.Delete, audit: "delete")
            .WithSummary("Deletes an episode: it is gone from every read when this answers, and from every file a while later.")
            .WithDescription("`{receipt_id, state, episodes, steps, bytes, requested_at, erased_at}`; `state` is pending until its bytes are gone. One that runs is `episode_running` unless `abort_running=true`; the label `pinned` protects: `episode_pinned`. A repeat gives the same receipt while it is pending, and `episode_deleted` afterwards.")
            .Produces(200, contentType: "application/json").WithProblems(400, 404, 409, 410, 429, 503).WithQuery("abort_running");
        routes.MapPost("/v1/delete", DeleteManyAsync).WithTags("Deletion").WithName("DeleteEpisodes").Requires(AccessScopes.Delete, audit: "delete")
            .WithSummary("Deletes episodes by their ids or by the filters of the listing.")
            .WithDescription("`dry_run` answers what would be deleted: `{dry_run, episodes, steps, bytes, running, pinned, not_found}`. Otherwise a receipt for all of them, and in `refused` (the first 100; `refused_count` counts all) those that stay, each with its code.")
            .WithBody("{episode_ids?: [ID], task?, variant_id?, worker?, group_id?, policy_version?, environment?, status?, label?, min_score?, max_score?, since?, until?, all?, dry_run?, abort_running?}", "application/json")
            .Produces(200, contentType: "application/json").WithProblems(400, 413, 429, 503);
        routes.MapGet("/v1/deletions/{receipt_id}", ReadAsync).WithTags("Deletion").WithName("ReadDeletion").Requires(AccessScopes.Delete)
            .WithSummary("A deletion's receipt: pending, or final with erased_at once no file of the archive has any byte of its episodes.")
            .Produces(200, contentType: "application/json").WithProblems(400, 404, 503);
    }

    private static async Task<IResult> DeleteOneAsync(HttpContext http, string id, IGrainFactory grains, IServiceProvider services)
    {
        var key = PathNames.Episode(http, id);
        var abort = QueryNumbers.Flag(http, "abort_running", absent: false);
        var deletions = DeletionsOf(services);
        var view = await grains.GetGrain<IEpisodeGrain>(key.ToString()).Read();
        // One that is deleted may have its receipt still; one that is damaged has a record or none.
        if (view.Record is null && view.Code is not (RollbookCode.EpisodeDeleted or RollbookCode.Damaged)) return Problem.Of(view.Code);
        var doomed = view.Record is { } record ? DoomedEpisode.Of(record) : new DoomedEpisode(key.Id, 0, false, false);
        var answer = view.Code == RollbookCode.EpisodeDeleted
            ? await deletions.FindPendingAsync(key, http.RequestAborted)
            : await DeleteAsync(http, services, [doomed], abort);
        if (answer.Receipt is { } receipt) return DeletionWriter.Receipt(receipt);
        return Problem.Of(answer.Refused[0].Code);
    }

    private static async Task<IResult> DeleteManyAsync(HttpContext http, IGrainFactory grains, BodyReader bodies, IServiceProvider services)
    {
        var deletions = DeletionsOf(services);
        DeleteBody wanted;
        using (var body = await bodies.ReadAsync(http, BodyLimit.Small))
        {
            wanted = DeleteBody.Read(body.Span);
        }

        var refused = new ConcurrentBag<(EpisodeId Id, RollbookCode Code)>();
        var episodes = wanted.Ids is { } ids ? await ReadManyAsync(http, ids, grains, refused) : await ChooseAsync(http, wanted.Filter, services);
        if (wanted.DryRun)
        {
            var bytes = await deletions.EstimateBytesAsync(CallerProject.Of(http), episodes.Sum(static e => e.Steps), http.RequestAborted);
            return DeletionWriter.DryRun(episodes, bytes, refused.Count);
        }

        var answer = await DeleteAsync(http, services, episodes, wanted.AbortRunning);
        return DeletionWriter.Answer(answer with { Refused = [.. answer.Refused, .. refused] });
    }

    private static async Task<IResult> ReadAsync(HttpContext http, [Microsoft.AspNetCore.Mvc.FromRoute(Name = "receipt_id")] string receipt, IServiceProvider services)
    {
        if (!LogId.TryParse(receipt, out var id)) throw RefusedException.BadRequest("A receipt_id is a ULID: 26 characters of Crockford's base 32.");
        return await DeletionsOf(services).FindAsync(CallerProject.Of(http), id, http.RequestAborted) is { } found
            ? DeletionWriter.Receipt(found)
            : new Problem(ProblemKind.DeletionNotFound);
    }

    private static Deletions DeletionsOf(IServiceProvider services) => services.GetService<Deletions>()
        ?? throw new RefusedException(ProblemKind.Of(RollbookCode.Unavailable), "The archive is not configured: this recorder deletes nothing.");

    private static async Task<DeletionAnswer> DeleteAsync(HttpContext http, IServiceProvider services, IReadOnlyList<DoomedEpisode> episodes, bool abort)
    {
        var project = CallerProject.Of(http);
        try
        {
            // What was begun is not ended by a caller that goes.
            var answer = await DeletionsOf(services).DeleteAsync(project, episodes, abort, CancellationToken.None);
            if (answer.Receipt is { } receipt)
                await services.GetRequiredService<AuditTrail>().NoteAsync(http, CallerProject.CallerOf(http), "deleted", $"{episodes.Count - answer.Refused.Count} episodes of {project}, receipt {receipt.Receipt}");
            return answer;
        }
        catch (Episodes.OwnerUnavailableException)
        {
            throw new RefusedException(ProblemKind.Of(RollbookCode.Unavailable), "The owner of an episode did not answer. The deletion is recorded and goes on; send it again to see it done.");
        }
        catch (StorageFullException)
        {
            throw new RefusedException(ProblemKind.Of(RollbookCode.Busy), "There is no room at the moment. Send the deletion again after Retry-After.");
        }
        finally
        {
            services.GetRequiredService<EpisodeQueries>().Tables.Outdate(project);
        }
    }

    private static async Task<IReadOnlyList<DoomedEpisode>> ChooseAsync(HttpContext http, EpisodeFilter filter, IServiceProvider services)
    {
        var order = ListOrder.Episodes.First(static o => o.Name == "start_time");
        var choice = await DoomedChoice.ReadAsync(ArchiveServices.Of<EpisodeQueries>(services), CallerProject.Of(http), filter, order, null, http.RequestAborted);
        return choice.More
            ? throw new RefusedException(ProblemKind.TooLarge, $"The filter has more than {Deletions.MaxEpisodes:N0} episodes. Delete them in parts, by since and until.")
            : choice.Episodes;
    }

    private static async Task<IReadOnlyList<DoomedEpisode>> ReadManyAsync(
        HttpContext http, IReadOnlyList<EpisodeId> ids, IGrainFactory grains, ConcurrentBag<(EpisodeId Id, RollbookCode Code)> refused)
    {
        var found = new ConcurrentBag<DoomedEpisode>();
        var parallelism = new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = http.RequestAborted };
        await Parallel.ForEachAsync(ids, parallelism, async (id, _) =>
        {
            var view = await grains.GetGrain<IEpisodeGrain>(new EpisodeKey(CallerProject.Of(http), id).ToString()).Read();
            if (view.Record is { } record) found.Add(DoomedEpisode.Of(record));
            else refused.Add((id, view.Code));
        });
        return [.. found];
    }
}

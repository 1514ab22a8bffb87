using Rollbook.StepLog;

namespace Rollbook.Episodes;

// How the activation comes to know its episode: as its owner, or as one that has ended.
public sealed partial class EpisodeOwner
{
    /// <summary>Claims an unfinished episode, or finds how it ended. Callers that come meanwhile share the outcome.</summary>
    private async ValueTask<RollbookCode> KnowAsync()
    {
        if (Deposed) return RollbookCode.Unavailable;
        if (claim is not null || endedTail is not null) return RollbookCode.Ok;
        var mine = claiming;
        if (mine is null)
        {
            mine = KnowOnceAsync();
            if (!mine.IsCompleted) claiming = mine;
        }

        try
        {
            return await mine;
        }
        finally
        {
            if (claiming == mine) claiming = null;
        }
    }

    private async Task<RollbookCode> KnowOnceAsync()
    {
        try
        {
            var read = await core.Headers.ReadAsync(key, CancellationToken.None);
            if (read is null) return RollbookCode.EpisodeNotFound;
            if (core.Log.Find(key) is null && await FindEndedAsync(read) is { } found)
            {
                header = read;
                endedTail = found;
                return RollbookCode.Ok;
            }

            return await TakeAsync(await core.Claimer.ClaimAsync(read, CancellationToken.None));
        }
        catch (Exception failure) when (CodeOf(failure) is { } refused)
        {
            return refused;
        }
    }

    private async ValueTask<EpisodeTail?> FindEndedAsync(EpisodeHeader read)
    {
        try
        {
            return await core.Claimer.FindEndedAsync(read, core.Library, core.Log.Storage, CancellationToken.None);
        }
        catch (OwnerUnavailableException)
        {
            // The claim finds out whether that silo is dead.
            return null;
        }
    }

    private async ValueTask<RollbookCode> TakeAsync(ClaimResult result)
    {
        if (result.Claim is null)
        {
            if (result.Code == RollbookCode.Unavailable) Depose();
            return result.Code;
        }

        header = result.Header;
        claim = result.Claim;
        endedTail = null;
        if (result.Code == RollbookCode.Damaged)
        {
            // The recorder's own ending, not the caller's: nothing can be added behind a damaged place.
            var tail = claim.Tail;
            await AppendEnd(new EndEpisode { Status = EpisodeStatus.Lost, Cause = Ending.DamagedCause });
            ended(tail.Record);
        }
        else if (!claim.Tail.Ended)
        {
            deadline = core.Deadlines.Watch(claim.Tail.Record.DeadlineSeconds, expired);
        }

        return RollbookCode.Ok;
    }

    private async ValueTask<RollbookCode> CreateAsync(OpenEpisode request)
    {
        try
        {
            return await TakeAsync(await core.Claimer.CreateAsync(request.Record, request.Writer, CancellationToken.None));
        }
        catch (Exception failure) when (CodeOf(failure) is { } refused)
        {
            return refused;
        }
    }
}

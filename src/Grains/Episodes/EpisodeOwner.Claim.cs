using Rollbook.StepLog;

namespace Rollbook.Episodes;

// How the activation comes to know its episode: as its owner, or as one that has ended.
public sealed partial class EpisodeOwner
{
    /// <summary>Claims an unfinished episode, creates it where it may, or finds how it ended. Callers that come meanwhile share the outcome.</summary>
    private async ValueTask<RollbookCode> KnowAsync(OpenEpisode? create = null)
    {
        // Another activation asked for the episode: what this one knows of it would stay old for ever.
        if (claim is { Closed: true }) Depose();
        if (Deposed) return await IsDeletedAsync() ? RollbookCode.EpisodeDeleted : RollbookCode.Unavailable;
        if (claim is not null || endedTail is not null) return RollbookCode.Ok;
        return await SharedAsync(() => KnowOnceAsync(create));
    }

    /// <summary>
    /// Claims an episode that is known to have ended, so that something can be added to it: it stays ended, without a deadline. Callers that come meanwhile share
    /// the outcome.
    /// </summary>
    private async ValueTask<RollbookCode> ClaimEndedAsync()
    {
        var code = await SharedAsync(async () => claim is null ? await ClaimAgainAsync() : RollbookCode.Ok);
        // It is being sealed: what is added then goes to where it is kept.
        return code == RollbookCode.EpisodeEnded ? RollbookCode.Unavailable : code;
    }

    private async ValueTask<RollbookCode> SharedAsync(Func<ValueTask<RollbookCode>> claimIt)
    {
        var mine = claiming;
        if (mine is null)
        {
            mine = InTurnAsync(claimIt);
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

    /// <summary>
    /// One claim of an episode at a time in this silo, its header read included: a start frame that is behind the steps of its own term would void them.
    /// </summary>
    private async Task<RollbookCode> InTurnAsync(Func<ValueTask<RollbookCode>> claimIt)
    {
        using var turn = await core.ClaimTurns.EnterAsync(key);
        if (Deposed) return RollbookCode.Unavailable;
        try
        {
            return await claimIt();
        }
        catch (Exception failure) when (CodeOf(failure) is { } refused)
        {
            damage = EndedEpisode.DamageOf(failure);
            return refused;
        }
    }

    // What a reader is told of an episode that can't be known for damage.
    private string? DamageBehind(RollbookCode code) => code == RollbookCode.Damaged ? damage : null;

    private async ValueTask<RollbookCode> KnowOnceAsync(OpenEpisode? create)
    {
        var read = await core.Headers.ReadAsync(key, CancellationToken.None);
        if (read is null)
        {
            return create is null
                ? RollbookCode.EpisodeNotFound
                : await TakeAsync(await core.Claimer.CreateAsync(create.Record, create.Writer, CancellationToken.None));
        }

        if (read.State == HeaderState.Deleted) return RollbookCode.EpisodeDeleted;
        if (core.Log.Find(key) is null && await FindEndedAsync(read) is { } found)
        {
            header = read;
            endedTail = found;
            TellOfScores(found);
            return RollbookCode.Ok;
        }

        // What is being sealed has ended: its log must say so, or can't be asked at this moment.
        return read.State is HeaderState.Open or HeaderState.Archived ? await TakeAsync(await core.Claimer.ClaimAsync(read, CancellationToken.None)) : RollbookCode.Unavailable;
    }

    /// <summary>Claims it anew, although it has ended, to re-open it: never what is sealed.</summary>
    private async ValueTask<RollbookCode> ReclaimAsync() => await InTurnAsync(
        async () => await core.Headers.ReadAsync(key, CancellationToken.None) is { State: not HeaderState.Open } ? RollbookCode.EpisodeEnded : await ClaimAgainAsync());

    private async ValueTask<RollbookCode> ClaimAgainAsync()
    {
        var read = await core.Headers.ReadAsync(key, CancellationToken.None);
        return read is null ? RollbookCode.EpisodeNotFound : await TakeAsync(await core.Claimer.ClaimAsync(read, CancellationToken.None));
    }

    /// <summary>
    /// Finds an ended episode anew, where it is known without a claim: another activation may have added to it since, or a lost one may run again.
    /// </summary>
    private async ValueTask<RollbookCode> LookAgainAsync()
    {
        var read = await core.Headers.ReadAsync(key, CancellationToken.None);
        if (read?.State == HeaderState.Deleted) Depose();
        if (claim is not null || endedTail is null || read is null) return await KnowAsync();
        // In its own log, and in a dead one, nothing is added without a new term.
        if (read.Term == header!.Term && read.Owner == header.Owner && core.Log.Find(key) is null && !await core.Library.IsLiveElsewhereAsync(read.Owner, CancellationToken.None))
            return RollbookCode.Ok;
        var found = core.Log.Find(key) is null ? await FindEndedAsync(read) : null;
        if (claim is null && endedTail is not null) (header, endedTail) = found is null ? (null, null) : (read, found);
        return await KnowAsync();
    }

    private async ValueTask<bool> IsDeletedAsync() => await core.Headers.ReadAsync(key, CancellationToken.None) is { State: HeaderState.Deleted };

    private async ValueTask<EpisodeTail?> FindEndedAsync(EpisodeHeader read)
    {
        try
        {
            return await core.Claimer.FindEndedAsync(read, core.Library, CancellationToken.None);
        }
        catch (OwnerUnavailableException)
        {
            // Dead and not fenced yet, or it doesn't answer: the claim finds out which.
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
            ended(claim.Tail.Record);
        }
        else if (!claim.Tail.Ended)
        {
            deadline = core.Deadlines.Watch(claim.Tail.Record.DeadlineSeconds, expired);
        }

        return RollbookCode.Ok;
    }

    // The activation that recorded the last score may have gone before the worker's history had it, and its caller too.
    private void TellOfScores(EpisodeTail over)
    {
        if (over.Events is { Judged: true }) ended(over.Record);
    }
}

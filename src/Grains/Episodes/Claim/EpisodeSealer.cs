using Rollbook.Archive;
using Rollbook.StepLog;

namespace Rollbook.Episodes;

/// <summary>
/// Moves an ended episode to a log of the archive, which no silo writes. Like a claim it stops the old owner first and changes the header last; in between the header
/// says that the episode is being sealed, so that its content stands still while it is read and written anew.
/// </summary>
internal sealed class EpisodeSealer(EpisodeClaimer claimer, WriteAheadLog log, IHeaderStore headers, Func<string> mintNonce)
{
    /// <summary>Stops whoever may add to the episode, and marks its header. A repeat finds it marked.</summary>
    /// <param name="header">The header as it was read.</param>
    /// <param name="mayBeSealed">Whether a tail is final.</param>
    /// <param name="cancellation">Ends it before the mark.</param>
    /// <returns>The marked header and the tail that stands still now; null where the episode can't be sealed at this time.</returns>
    public async ValueTask<(EpisodeHeader Header, EpisodeTail Tail)?> BeginAsync(
        EpisodeHeader header, Func<EpisodeTail, bool> mayBeSealed, CancellationToken cancellation)
    {
        if (header.State is not (HeaderState.Open or HeaderState.Sealing)) return null;
        var (tail, damaged) = await claimer.StopAsync(header, cancellation);
        // An episode with a gap stays where the gap can be seen.
        if (damaged || tail is null || !mayBeSealed(tail)) return null;
        var marked = header.State == HeaderState.Sealing ? header : await SwapAsync(header with { State = HeaderState.Sealing, Nonce = mintNonce() }, cancellation);
        if (marked is null) return null;
        // Closed by the stop: whoever asks from now on finds the ending by its frames.
        if (log.Find(header.Key) is { } claim && claim.Term <= header.Term) log.Forget(claim);
        return (marked, tail);
    }

    /// <summary>Takes the mark back: something of the episode is not where it must be. Whoever is next claims it as ever.</summary>
    public async ValueTask CancelAsync(EpisodeHeader marked, CancellationToken cancellation) =>
        await SwapAsync(marked with { State = HeaderState.Open, Nonce = mintNonce() }, cancellation);

    /// <summary>The final change: from here on the episode is read from the archive's log alone. A repeat finds it done.</summary>
    /// <param name="key">The episode.</param>
    /// <param name="archive">The log that has all of it.</param>
    /// <param name="term">The term of its frames there.</param>
    /// <param name="cancellation">Ends it before the change.</param>
    /// <exception cref="InvalidOperationException">The header is not marked: the protocol was broken.</exception>
    public async ValueTask FinishAsync(EpisodeKey key, LogId archive, long term, CancellationToken cancellation)
    {
        while (true)
        {
            var header = await headers.ReadAsync(key, cancellation);
            if (header is { State: HeaderState.Archived or HeaderState.Deleted }) return;
            if (header is not { State: HeaderState.Sealing } || header.Term != term - 1)
                throw new InvalidOperationException($"The header of {key} is not marked as being sealed in term {term - 1}.");
            var archived = header with
            {
                State = HeaderState.Archived,
                Term = term,
                Owner = archive,
                Extents = [new Extent(term, archive)],
                Nonce = mintNonce(),
            };
            if (await SwapAsync(archived, cancellation) is not null) return;
        }
    }

    /// <summary>Stops whoever may add to the episode, and says in its header that it is deleted: for good. A repeat finds it so.</summary>
    /// <param name="header">The header as it was read.</param>
    /// <param name="check">Whether an episode that ended so may go; Ok, or why not.</param>
    /// <param name="cancellation">Ends it before the change.</param>
    /// <returns>
    /// Ok, with the tail where it can be read; Unavailable where the owner did not answer or the header changed meanwhile: the caller reads it again; or what the check said.
    /// </returns>
    public async ValueTask<(RollbookCode Code, EpisodeTail? Tail)> DeleteAsync(
        EpisodeHeader header, Func<EpisodeTail, RollbookCode> check, CancellationToken cancellation)
    {
        var (tail, damaged) = await StopAsync(header, cancellation);
        if (header.State == HeaderState.Deleted) return (RollbookCode.Ok, tail);
        // Also what is damaged may be deleted.
        if (tail is null && !damaged) return (RollbookCode.Unavailable, null);
        if (tail is not null && check(tail) is var code && code != RollbookCode.Ok) return (code, tail);
        if (await SwapAsync(header with { State = HeaderState.Deleted, Nonce = mintNonce() }, cancellation) is null) return (RollbookCode.Unavailable, tail);
        if (log.Find(header.Key) is { } claim && claim.Term <= header.Term) log.Forget(claim);
        return (RollbookCode.Ok, tail);
    }

    private async ValueTask<(EpisodeTail? Tail, bool Damaged)> StopAsync(EpisodeHeader header, CancellationToken cancellation)
    {
        try
        {
            return await claimer.StopAsync(header, cancellation);
        }
        catch (Exception failure) when (failure is PackDamagedException or FrameDamagedException or LogCorruptException)
        {
            return (null, true);
        }
        catch (Exception failure) when (failure is OwnerUnavailableException or PackReplacedException)
        {
            return (null, false);
        }
    }

    private async ValueTask<EpisodeHeader?> SwapAsync(EpisodeHeader wanted, CancellationToken cancellation)
    {
        if (await headers.WriteAsync(wanted, cancellation) is { } stored) return stored;
        // The write may have been applied although its answer said otherwise: the nonce tells.
        var read = await headers.ReadAsync(wanted.Key, cancellation);
        return read?.Nonce == wanted.Nonce ? read : null;
    }
}

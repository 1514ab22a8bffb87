using Rollbook.Archive;
using Rollbook.StepLog;

namespace Rollbook.Episodes;

/// <summary>
/// An episode that has ended, read without its activation: its header first, then its ending where the header says that it lies, then whatever is asked for. It is the
/// episode as of the moment at which the header was read, so that all that was acknowledged before is in it.
/// </summary>
internal sealed class EndedEpisode
{
    private readonly RecorderCore core;
    private readonly EpisodeTail tail;
    private readonly EpisodeReader reader;
    private readonly ScoreReader scoreReader;
    private EpisodeHeader header;

    private EndedEpisode(RecorderCore core, EpisodeHeader header, EpisodeTail tail)
    {
        (this.core, this.header, this.tail) = (core, header, tail);
        reader = new EpisodeReader(core.Library, core.Frames);
        scoreReader = new ScoreReader(core.Library, core.Frames);
    }

    /// <summary>The record, as the owner would show it.</summary>
    public EpisodeView View => new(RollbookCode.Ok, tail.Record, tail.WriterEpoch, tail.Summary, null);

    /// <summary>Finds an ended episode; null where it runs, where there is none, or where only its owner can tell what is the matter.</summary>
    public static async ValueTask<EndedEpisode?> FindAsync(RecorderCore core, EpisodeKey key, CancellationToken cancellation)
    {
        try
        {
            var header = await core.Headers.ReadAsync(key, cancellation);
            // Whoever holds a claim knows more than the frames that are released.
            if (header is null or { State: HeaderState.Deleted } || core.Log.Find(key) is not null) return null;
            var tail = await core.Claimer.FindEndedAsync(header, core.Library, cancellation);
            return tail is null ? null : new EndedEpisode(core, header, tail);
        }
        catch (Exception failure) when (IsForTheOwner(failure) || IsDamage(failure))
        {
            return null;
        }
    }

    /// <summary>A page of steps, about 1 MiB at most.</summary>
    /// <returns>Unavailable: the owner must be asked.</returns>
    public async ValueTask<StepPage> ReadStepsAsync(long from, int most, CancellationToken cancellation)
    {
        if (from >= tail.NextOrdinal) return new StepPage(RollbookCode.Ok, from, default, Ended: true);
        try
        {
            var page = await FromPacksAgainAsync(h => reader.ReadAsync(h, from, tail.NextOrdinal, most, cancellation), static page => page.Code, cancellation);
            return page with { Ended = page.From + page.Steps.Count >= tail.NextOrdinal };
        }
        catch (Exception failure) when (IsForTheOwner(failure) || IsDamage(failure))
        {
            return new StepPage(IsDamage(failure) ? RollbookCode.Damaged : RollbookCode.Unavailable, from, default, false) { Damage = DamageOf(failure) };
        }
    }

    /// <summary>A page of score events, oldest first, about 1 MiB at most.</summary>
    /// <returns>Unavailable: the owner must be asked.</returns>
    public async ValueTask<ScorePage> ReadScoresAsync(int from, int most, CancellationToken cancellation)
    {
        if (tail.Events is not { } events || from >= events.ScoreCount) return new ScorePage(RollbookCode.Ok, from, []);
        try
        {
            var until = (int)Math.Min(events.ScoreCount, (long)from + most);
            return await FromPacksAgainAsync(h => scoreReader.ReadAsync(h, events.ScoresFrom, from, until, cancellation), static page => page.Code, cancellation);
        }
        catch (Exception failure) when (IsForTheOwner(failure) || IsDamage(failure))
        {
            return new ScorePage(IsDamage(failure) ? RollbookCode.Damaged : RollbookCode.Unavailable, from, []) { Damage = DamageOf(failure) };
        }
    }

    // A pack that is gone was replaced, and before that the headers of its episodes were moved: they say where the same steps lie now.
    private async ValueTask<T> FromPacksAgainAsync<T>(Func<EpisodeHeader, ValueTask<T>> read, Func<T, RollbookCode> codeOf, CancellationToken cancellation)
    {
        try
        {
            var page = await read(header);
            // What was sealed is taken out of the indexes of its old logs later: then it looks like damage.
            if (codeOf(page) != RollbookCode.Damaged) return page;
            if (await core.Headers.ReadAsync(header.Key, cancellation) is not { State: not HeaderState.Deleted } now || now.Term == header.Term) return page;
            header = now;
            return await read(now);
        }
        catch (PackReplacedException)
        {
            if (await core.Headers.ReadAsync(header.Key, cancellation) is not { State: not HeaderState.Deleted } moved) throw;
            if (moved.Term == header.Term) throw new PackDamagedException(header.Key.ToString(), null, "a pack lacks a part of this episode. Restore it from a backup.");
            header = moved;
            return await read(moved);
        }
    }

    private static bool IsForTheOwner(Exception failure) =>
        failure is OwnerUnavailableException or LogPoisonedException or LogVersionException or PackReplacedException or PackVersionException;

    /// <summary>What a reader is told of damage; null where it is none.</summary>
    public static string? DamageOf(Exception failure) => failure switch
    {
        // Its place is a path of this machine, which is no reader's business: whoever verifies is told it.
        LogCorruptException damage => $"The log {damage.Log} is damaged at chunk {damage.Number}",
        FrameDamagedException or PackDamagedException => failure.Message,
        _ => null,
    };

    private static bool IsDamage(Exception failure) => failure is FrameDamagedException or PackDamagedException or LogCorruptException;
}

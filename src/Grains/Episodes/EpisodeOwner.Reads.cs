using Rollbook.Archive;
using Rollbook.StepLog;

namespace Rollbook.Episodes;

// Reads through the owner: all acknowledged writes, and nothing before its chunk is released.
public sealed partial class EpisodeOwner
{
    /// <summary>The longest wait of one read.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(20);

    /// <summary>The record and the sums.</summary>
    public async ValueTask<EpisodeView> ReadAsync()
    {
        if (!core.MayAnswer) return new EpisodeView(RollbookCode.Unavailable, null, 0, null, null);
        try
        {
            var code = await KnowAsync();
            if (code == RollbookCode.Ok && claim is null) code = await LookAgainAsync();
            if (code != RollbookCode.Ok) return new EpisodeView(code, null, 0, null, null) { Damage = DamageBehind(code) };
            if (Tail is not { } tail) return new EpisodeView(RollbookCode.Unavailable, null, 0, null, null);
            var view = ViewOf(tail);
            // What the view has may not be durable yet: wait, so that nobody sees a step before it is.
            if (claim is not null) await claim.LastCommit;
            return view;
        }
        catch (Exception failure) when (CodeOf(failure) is { } refused)
        {
            return new EpisodeView(refused, null, 0, null, null) { Damage = EndedEpisode.DamageOf(failure) };
        }
    }

    /// <summary>A page of score events, oldest first.</summary>
    public async ValueTask<ScorePage> ReadScoresAsync(int from, int most)
    {
        if (!core.MayAnswer) return new ScorePage(RollbookCode.Unavailable, from, []);
        try
        {
            var code = await KnowAsync();
            // Another activation may have scored it since.
            if (code == RollbookCode.Ok && claim is null) code = await LookAgainAsync();
            if (code != RollbookCode.Ok) return new ScorePage(code, from, []) { Damage = DamageBehind(code) };
            if (Tail is not { } tail || header is not { } named) return new ScorePage(RollbookCode.Unavailable, from, []);
            // As of this moment: a score that comes while this waits has no durable frame when it goes on, and would be taken for a damaged one.
            var (count, first) = (tail.Events?.ScoreCount ?? 0, tail.Events?.ScoresFrom ?? 0);
            if (from >= count) return new ScorePage(RollbookCode.Ok, from, []);
            // What is counted is there once it is durable.
            if (claim is not null) await claim.LastCommit;
            var until = (int)Math.Min(count, (long)from + most);
            return await FromPacksAgainAsync(h => scoreReader.ReadAsync(h, first, from, until, CancellationToken.None), static p => p.Code, named);
        }
        catch (Exception failure) when (CodeOf(failure) is { } refused)
        {
            return new ScorePage(refused, from, []) { Damage = EndedEpisode.DamageOf(failure) };
        }
    }

    /// <summary>A page of steps from an ordinal; waits for the first one or the ending.</summary>
    public async ValueTask<StepPage> ReadStepsAsync(long from, int maxSteps, TimeSpan wait)
    {
        if (!core.MayAnswer) return new StepPage(RollbookCode.Unavailable, from, default, false);
        var code = await KnowAsync();
        if (code != RollbookCode.Ok) return new StepPage(code, from, default, false) { Damage = DamageBehind(code) };
        try
        {
            // What has ended is known without a claim, which a deletion would have closed.
            if (claim is null && await IsDeletedAsync())
            {
                Depose();
                return new StepPage(RollbookCode.EpisodeDeleted, from, default, false);
            }

            if (claim is { } live && live.DurableNext <= from && !live.DurablyEnded && wait > TimeSpan.Zero)
                await WaitAsync(live, from, wait < MaxWait ? wait : MaxWait);
            if (Tail is not { } tail) return new StepPage(RollbookCode.Unavailable, from, default, false);
            var end = claim?.DurableNext ?? tail.NextOrdinal;
            var over = claim?.DurablyEnded ?? true;
            if (from >= end) return new StepPage(RollbookCode.Ok, from, default, over);
            var page = await FromPacksAgainAsync(h => reader.ReadAsync(h, from, end, maxSteps, CancellationToken.None), static p => p.Code, header!);
            return page with { Ended = over && page.From + page.Steps.Count >= end };
        }
        catch (Exception failure) when (CodeOf(failure) is { } refused)
        {
            return new StepPage(refused, from, default, false) { Damage = EndedEpisode.DamageOf(failure) };
        }
    }

    /// <summary>Reads; where the episode was sealed since this activation read its header, reads from where it lies now. Its content is the same.</summary>
    private async ValueTask<T> FromPacksAgainAsync<T>(Func<EpisodeHeader, ValueTask<T>> read, Func<T, RollbookCode> codeOf, EpisodeHeader known)
    {
        try
        {
            var page = await read(known);
            // What was sealed is taken out of the indexes of its old logs later: then it looks like damage.
            if (codeOf(page) != RollbookCode.Damaged || claim is not null) return page;
            return await LookAgainAsync() == RollbookCode.Ok && header is { } moved && moved.Term != known.Term ? await read(moved) : page;
        }
        catch (PackReplacedException) when (claim is null)
        {
            if (await LookAgainAsync() != RollbookCode.Ok || header is not { } moved) throw;
            // A header is moved before packs are replaced: one that still names them now means that they are not what was written.
            if (moved.Term == known.Term) throw new PackDamagedException(key.ToString(), null, "a pack lacks a part of this episode. Restore it from a backup.");
            return await read(moved);
        }
    }

    private EpisodeView ViewOf(EpisodeTail tail)
    {
        double? silence = tail.Ended ? null : core.Time.GetElapsedTime(lastSign).TotalSeconds;
        return new EpisodeView(RollbookCode.Ok, tail.Record, tail.WriterEpoch, tail.Summary, silence);
    }

    private async ValueTask WaitAsync(LogClaim live, long from, TimeSpan wait)
    {
        using var timeout = new CancellationTokenSource(wait, core.Time);
        while (true)
        {
            // Before the look: what is released in between completes it.
            var released = core.Log.WhenReleased(live);
            if (live.DurableNext > from || live.DurablyEnded || core.Log.Poisoned.IsCompleted || Deposed) return;
            try
            {
                await released.Here().WaitAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}

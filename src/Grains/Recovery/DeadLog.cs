using Rollbook.StepLog;

namespace Rollbook.Recovery;

/// <summary>A fenced log: its index, and the tails of what it left unfinished.</summary>
internal sealed class DeadLog(LogRow row, LogIndex index, TailTable tails)
{
    private readonly Lock gate = new();
    private HashSet<EpisodeKey>? unsettled;
    private int rounds;
    private long? beganAt;

    /// <summary>Its registry row at the time of loading.</summary>
    public LogRow Row => row;

    /// <summary>Finds frames in it.</summary>
    public LogIndex Index => index;

    /// <summary>What it left unfinished.</summary>
    public TailTable Tails => tails;

    /// <summary>The number after the last chunk that can be read.</summary>
    public long End => EndOf(row);

    /// <summary>Whether a chunk of it was set aside: what it left unfinished ends as damaged.</summary>
    public bool Damaged => row.Quarantined is not null;

    /// <summary>The unfinished episodes of which it is not known yet that another log has them or that they are over.</summary>
    public EpisodeKey[] Unsettled
    {
        get { lock (gate) return [.. unsettled ??= [.. tails.Unfinished]]; }
    }

    /// <summary>How many those are.</summary>
    public int UnsettledCount
    {
        get { lock (gate) return (unsettled ??= [.. tails.Unfinished]).Count; }
    }

    /// <summary>Another log has the episode now, or it is over: for good, as far as this log goes.</summary>
    public void Settle(EpisodeKey key)
    {
        lock (gate) (unsettled ??= [.. tails.Unfinished]).Remove(key);
    }

    /// <summary>Counts a round of its recovery, and says which one it is, from 1.</summary>
    public int NextRound() => Interlocked.Increment(ref rounds);

    /// <summary>A round of its recovery begins at this time.</summary>
    public void Began(long timestamp)
    {
        lock (gate) beganAt ??= timestamp;
    }

    /// <summary>When the first round began.</summary>
    public long BeganAt
    {
        get { lock (gate) return beganAt ?? throw new InvalidOperationException($"No round of the recovery of the log {row.Log} has begun."); }
    }

    public static long EndOf(LogRow row) => Math.Min(row.Quarantined ?? long.MaxValue, row.Fence ?? 0);
}

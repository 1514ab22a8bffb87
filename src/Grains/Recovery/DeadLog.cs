using Rollbook.StepLog;

namespace Rollbook.Recovery;

/// <summary>A fenced log: its index, and the tails of what it left unfinished.</summary>
internal sealed class DeadLog(LogRow row, LogIndex index, TailTable tails)
{
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

    public static long EndOf(LogRow row) => Math.Min(row.Quarantined ?? long.MaxValue, row.Fence ?? 0);
}

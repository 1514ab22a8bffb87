namespace Rollbook.StepLog;

/// <summary>
/// How often chunks may be written: a store that costs per write gets one in each interval, and all that came in between is in it. What comes after a longer silence goes at
/// once.
/// </summary>
internal sealed class CommitPace(TimeSpan interval, TimeProvider time)
{
    private long lastTaken;
    private bool isFirst = true;
    private Task? due;

    /// <summary>Whether a chunk may be begun now that is not full.</summary>
    public bool IsDue => interval == TimeSpan.Zero || isFirst || time.GetElapsedTime(lastTaken) >= interval;

    /// <summary>A chunk was begun.</summary>
    public void Took()
    {
        if (interval == TimeSpan.Zero) return;
        (isFirst, due, lastTaken) = (false, null, time.GetTimestamp());
    }

    /// <summary>Completes when the next one may be begun; the same task for all who ask before that.</summary>
    public Task WhenDue()
    {
        if (due is { IsCompleted: false }) return due;
        // A timer counts whole milliseconds, and cuts the rest off: of less than one it would make none at all, and the committer would turn around itself.
        var left = Math.Max(1, Math.Ceiling((interval - time.GetElapsedTime(lastTaken)).TotalMilliseconds));
        return due = Task.Delay(TimeSpan.FromMilliseconds(left), time);
    }
}

namespace Rollbook.Episodes;

/// <summary>
/// The deadlines of all episodes of a silo on one timer. Local and monotonic: a deadline starts anew in full at every activation, and
/// time in which the recorder could not take writes does not count.
/// </summary>
public sealed class DeadlineWheel : IDisposable
{
    internal const long TickMilliseconds = 1000;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(TickMilliseconds);

    private readonly TimeProvider time;
    private readonly Func<bool> canWrite;
    private readonly Lock gate = new();
    private readonly PriorityQueue<DeadlineEntry, long> due = new();
    private readonly ITimer timer;
    private long lastTick;

    /// <summary>A wheel that ticks once a second.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="canWrite">Whether the recorder can take writes at this moment.</param>
    public DeadlineWheel(TimeProvider time, Func<bool> canWrite)
    {
        this.time = time;
        this.canWrite = canWrite;
        lastTick = time.GetTimestamp();
        timer = time.CreateTimer(static wheel => ((DeadlineWheel)wheel!).OnTick(), this, Tick, Tick);
    }

    /// <summary>Writable time since the wheel began, in milliseconds; it advances with the ticks.</summary>
    public long Now { get; private set; }

    /// <summary>Watches an episode.</summary>
    /// <param name="seconds">The silence that it may keep.</param>
    /// <param name="expired">Called once, on a timer's thread, when the silence lasted that long.</param>
    public DeadlineEntry Watch(double seconds, Action expired)
    {
        lock (gate)
        {
            var entry = new DeadlineEntry(this, (long)(seconds * 1000), expired);
            due.Enqueue(entry, entry.DueAt);
            return entry;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => timer.Dispose();

    private void OnTick()
    {
        List<DeadlineEntry>? expired = null;
        lock (gate)
        {
            var now = time.GetTimestamp();
            if (canWrite()) Now += (long)time.GetElapsedTime(lastTick, now).TotalMilliseconds;
            lastTick = now;
            while (due.TryPeek(out var entry, out var at) && at <= Now)
            {
                due.Dequeue();
                if (entry.Cancelled) continue;
                // A sign of life only moves the entry's own mark; it takes its new place when the old one comes up.
                if (entry.DueAt > Now) due.Enqueue(entry, entry.DueAt);
                else (expired ??= []).Add(entry);
            }
        }

        expired?.ForEach(static entry => entry.Expire());
    }
}

namespace Rollbook.Silo.Http;

/// <summary>When steps are received. Never goes back while the process runs, though the machine's clock may.</summary>
internal sealed class ReceiveClock(TimeProvider time)
{
    private long last;

    /// <summary>Unix microseconds, at least as late as every one before.</summary>
    public long Now()
    {
        var now = UnixTime.Micros(time.GetUtcNow());
        while (true)
        {
            var seen = Volatile.Read(ref last);
            if (now <= seen) return seen;
            if (Interlocked.CompareExchange(ref last, now, seen) == seen) return now;
        }
    }
}

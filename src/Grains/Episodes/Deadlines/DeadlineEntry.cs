namespace Rollbook.Episodes;

/// <summary>One episode's deadline on a wheel.</summary>
public sealed class DeadlineEntry
{
    private readonly DeadlineWheel wheel;
    private readonly long milliseconds;
    private Action? expired;
    private long lastSign;

    internal DeadlineEntry(DeadlineWheel wheel, long milliseconds, Action expired)
    {
        this.wheel = wheel;
        this.milliseconds = milliseconds;
        this.expired = expired;
        lastSign = wheel.Now;
    }

    /// <summary>Whether the silence has lasted the whole deadline.</summary>
    public bool Overdue => !Cancelled && wheel.Now >= DueAt;

    internal bool Cancelled { get; private set; }

    // The wheel's clock stands still between two ticks: a sign of life may come a whole tick after the mark that it gets.
    internal long DueAt => Volatile.Read(ref lastSign) + milliseconds + DeadlineWheel.TickMilliseconds;

    /// <summary>A sign of life: the silence begins anew.</summary>
    public void Touch() => Volatile.Write(ref lastSign, wheel.Now);

    /// <summary>Ends the watch.</summary>
    public void Cancel()
    {
        Cancelled = true;
        // The entry stays in the wheel until it is due: it must not keep its episode alive for that long.
        expired = null;
    }

    internal void Expire() => expired?.Invoke();
}

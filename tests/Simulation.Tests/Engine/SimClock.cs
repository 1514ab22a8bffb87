namespace Rollbook.Simulation.Tests.Engine;

/// <summary>
/// The clock of one simulated process: monotonic time is the world's, the wall clock may jump or stand still. Its timers run as tasks of the process that
/// made them and die with it.
/// </summary>
internal sealed class SimClock(World world, Lane lane) : TimeProvider
{
    private static readonly DateTimeOffset Epoch = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private DateTimeOffset? frozen;

    /// <summary>How far the wall clock is off.</summary>
    public TimeSpan Offset { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => world.Now.Ticks;

    public override DateTimeOffset GetUtcNow() => frozen ?? Epoch + world.Now + Offset;

    public void Freeze() => frozen = GetUtcNow();

    public void Thaw() => frozen = null;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimTimer(world, lane, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class SimTimer(World world, Lane lane, TimerCallback callback, object? state) : ITimer
    {
        private int version;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var mine = ++version;
            if (dueTime == Timeout.InfiniteTimeSpan) return true;
            world.After(dueTime, () => Fire(mine, period));
            return true;
        }

        public void Dispose() => version++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Fire(int mine, TimeSpan period)
        {
            if (mine != version || lane.Dead) return;
            lane.Post(() =>
            {
                if (mine == version) callback(state);
            });
            if (period > TimeSpan.Zero) world.After(period, () => Fire(mine, period));
        }
    }
}

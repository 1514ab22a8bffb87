using Microsoft.Extensions.Time.Testing;
using Rollbook.Episodes;
using Xunit;

namespace Rollbook.Grains.Tests.Episodes.Deadlines;

public sealed class DeadlineWheelTests : IDisposable
{
    private readonly FakeTimeProvider time = new();
    private readonly DeadlineWheel wheel;
    private bool canWrite = true;
    private int expired;

    public DeadlineWheelTests() => wheel = new DeadlineWheel(time, () => canWrite);

    public void Dispose() => wheel.Dispose();

    [Fact]
    public void Watch_BetweenTwoTicks_KeepsTheWholeDeadline()
    {
        Advance(0.9);
        Watch(10);

        Advance(9.95);
        Assert.Equal(0, expired);

        Advance(2);
        Assert.Equal(1, expired);
    }

    [Fact]
    public void Expired_AfterTheDeadline_IsToldOnce()
    {
        Watch(5);

        Advance(60);

        Assert.Equal(1, expired);
    }

    [Fact]
    public void Touch_BeforeTheDeadline_StartsItAnew()
    {
        var entry = Watch(10);
        Advance(9);
        entry.Touch();

        Advance(9);
        Assert.Equal(0, expired);
        Assert.False(entry.Overdue);

        Advance(3);
        Assert.Equal(1, expired);
        Assert.True(entry.Overdue);
    }

    [Fact]
    public void Now_WhileNothingCanBeWritten_StandsStill()
    {
        Watch(10);
        Advance(5);
        canWrite = false;
        Advance(3600);
        Assert.Equal(0, expired);

        canWrite = true;
        Advance(4);
        Assert.Equal(0, expired);

        Advance(4);
        Assert.Equal(1, expired);
    }

    [Fact]
    public void Cancel_BeforeTheDeadline_KeepsItQuiet()
    {
        var entry = Watch(5);
        entry.Cancel();

        Advance(60);

        Assert.Equal(0, expired);
        Assert.False(entry.Overdue);
    }

    [Fact]
    public void Expired_OfManyDeadlines_ComesInTheirOrder()
    {
        var order = new List<int>();
        foreach (var seconds in new[] { 30, 10, 20 }) wheel.Watch(seconds, () => order.Add(seconds));

        Advance(60);

        Assert.Equal([10, 20, 30], order);
    }

    private DeadlineEntry Watch(double seconds) => wheel.Watch(seconds, () => expired++);

    // In small steps, as a real timer ticks.
    private void Advance(double seconds)
    {
        for (var left = seconds; left > 1e-9; left -= 0.5) time.Advance(TimeSpan.FromSeconds(Math.Min(left, 0.5)));
    }
}

using Rollbook.Silo.Http;

namespace Rollbook.Silo.Tests.Http.Steps;

/// <summary>T16: the machine's clock jumps, receive times never go back.</summary>
public sealed class ReceiveClockTests
{
    [Fact]
    public void Now_WhenTheClockJumps_NeverGoesBack()
    {
        var time = new JumpingClock { Now = DateTimeOffset.UnixEpoch.AddSeconds(1_763_890_000.25) };
        var clock = new ReceiveClock(time);
        Assert.Equal(1_763_890_000_250_000, clock.Now());
        var last = clock.Now();
        foreach (var jump in new[] { -3600.0, 1, 3600, -315_360_000, 0, 315_360_000, -1, 0.000001 })
        {
            time.Now = time.Now.AddSeconds(jump);
            var now = clock.Now();
            Assert.True(now >= last, $"after a jump of {jump} s it went back by {last - now} µs");
            last = now;
        }

        Assert.Equal(UnixTime.Micros(DateTimeOffset.UnixEpoch.AddSeconds(1_763_890_001.25)), last);
    }

    private sealed class JumpingClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Rollbook.Silo.Telemetry;

namespace Rollbook.Silo.Tests.Telemetry;

public sealed class ClockWatchTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(-2, -2)]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(3, 0)]
    [InlineData(10, 7)]
    public void Of_ATimeToldWithinThreeSeconds_IsOnlyWhatTheWayDoesNotExplain(int told, int skew) =>
        Assert.Equal(TimeSpan.FromSeconds(skew), ClockSkew.Of(Noon, Noon.AddSeconds(told), Noon.AddSeconds(3)));

    [Fact]
    public async Task Look_AtASiloWhoseClockIsAnHourAhead_SeesIt()
    {
        using var directory = new TempDirectory();
        await using var silo = await SiloServer.StartAsync(directory.Path);
        var slow = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddHours(-1));
        using var watch = new ClockWatch(
            silo.Services.GetRequiredService<IGrainFactory>(), silo.Services.GetRequiredService<ILocalSiloDetails>(), silo.Services.GetRequiredService<ClusterMeter>(),
            slow, NullLogger<ClockWatch>.Instance);

        await watch.LookAsync(except: null);

        // Told within the test's own run.
        Assert.InRange(watch.Skew, TimeSpan.FromMinutes(60), TimeSpan.FromMinutes(65));
        Assert.Equal(1, watch.Silos);

        await watch.LookAsync(silo.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress);
        Assert.Equal(TimeSpan.Zero, watch.Skew);
    }
}

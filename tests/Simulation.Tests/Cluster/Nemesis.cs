using Rollbook.Simulation.Tests.Engine;
using Rollbook.Simulation.Tests.Network;

namespace Rollbook.Simulation.Tests.Cluster;

/// <summary>What goes wrong besides the network: crashes, false deaths, pauses, storms, clocks.</summary>
internal sealed class Nemesis(World world, SimNetwork network, SimCluster cluster, SimClock clock)
{
    private const int Silos = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly FaultRates rates = FaultRates.Draw(world);
    private readonly double pace = Math.Pow(10, 1.5 * world.Random.NextDouble());

    private int strikes = world.Random.Next(0, 25);

    public bool Stopped { get; set; }

    /// <summary>Goes on until it is stopped.</summary>
    public async Task RunAsync()
    {
        network.Rates = rates;
        while (!Stopped)
        {
            await Task.Delay(world.Between(0, pace), clock);
            if (Stopped) return;
            if (world.Now > Patience)
            {
                // A network that is bad for ever lets nobody finish, which breaks no promise.
                strikes = 0;
                cluster.Calm();
                network.Rates = FaultRates.None;
            }

            if (strikes-- > 0) StrikeOnce();
            var alive = cluster.Running.Count(s => !cluster.IsDeclaredDead(s.LogId));
            if (alive < Silos && world.Chance(strikes > 0 ? 0.5 : 1)) cluster.StartSilo();
        }
    }

    private void StrikeOnce()
    {
        if (cluster.Running.Count == 0) return;
        var silo = world.Pick(cluster.Running);
        switch (world.Random.Next(8))
        {
            case 0:
                cluster.Crash(silo, declareDead: true);
                break;
            case 1:
                // A zombie: it runs on until its fenced log stops it, or for good where it writes nothing.
                cluster.DeclareDead(silo.LogId);
                world.After(world.Between(0, 20), () => world.Lane.Post(() => cluster.Crash(silo, declareDead: true)));
                break;
            case 2:
                cluster.Pause(silo, world.Between(0.01, 5));
                break;
            case 3:
                // Paused for long enough to be declared dead, and back.
                cluster.Pause(silo, world.Between(0.5, 10));
                cluster.DeclareDead(silo.LogId);
                break;
            case 4:
                network.Rates = rates.Storm;
                world.After(world.Between(0.1, 15), () => network.Rates = Stopped ? FaultRates.None : rates);
                world.Log("a storm of refusals");
                break;
            case 5:
                silo.Clock.Offset = cluster.ClockOffset();
                break;
            case 6:
                silo.Clock.Freeze();
                world.After(world.Between(0.1, 30), silo.Clock.Thaw);
                break;
            default:
                break;
        }
    }
}

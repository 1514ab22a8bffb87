using Rollbook.Simulation.Tests.Engine;

namespace Rollbook.Simulation.Tests.Network;

/// <summary>How bad the network of one seed is: some seeds are nearly healthy, others are storms.</summary>
internal sealed record FaultRates
{
    /// <summary>The request never arrives.</summary>
    public required double LostRequest { get; init; }

    /// <summary>Applied, but the answer never comes back.</summary>
    public required double LostAnswer { get; init; }

    /// <summary>Refused before it was applied (503, 429), or failed after (500): the caller can't tell which.</summary>
    public required double Refused { get; init; }

    /// <summary>Arrives a second time, later.</summary>
    public required double Doubled { get; init; }

    /// <summary>Takes up to a minute instead of milliseconds.</summary>
    public required double VeryLate { get; init; }

    /// <summary>A delay of milliseconds.</summary>
    public required double Late { get; init; }

    /// <summary>How long the usual delay is, in seconds.</summary>
    public double Delay { get; init; } = 0.02;

    public static FaultRates Draw(World world)
    {
        var badness = Math.Pow(world.Random.NextDouble(), 2);
        double Rate(double most) => badness * most * world.Random.NextDouble();
        return new FaultRates
        {
            LostRequest = Rate(0.1),
            LostAnswer = Rate(0.15),
            Refused = Rate(0.15),
            Doubled = Rate(0.2),
            VeryLate = Rate(0.06),
            Late = 0.1 + (0.8 * world.Random.NextDouble()),
            Delay = 0.005 * Math.Pow(40, world.Random.NextDouble()),
        };
    }

    /// <summary>A network without faults, for the end of a run.</summary>
    public static FaultRates None => new() { LostRequest = 0, LostAnswer = 0, Refused = 0, Doubled = 0, VeryLate = 0, Late = 0.1 };

    /// <summary>For a while most calls are refused.</summary>
    public FaultRates Storm => this with { Refused = 0.6, LostAnswer = Math.Max(LostAnswer, 0.1) };
}

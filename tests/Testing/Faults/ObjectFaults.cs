namespace Rollbook.Testing;

/// <summary>How bad an object store is: the share of calls that each thing happens to.</summary>
public sealed record ObjectFaults
{
    /// <summary>Nothing goes wrong.</summary>
    public static readonly ObjectFaults None = new();

    /// <summary>What a test bears that runs in real time: nothing is lost without an error, and nothing takes long.</summary>
    public static readonly ObjectFaults Quick = new()
    {
        RefusedBefore = 0.03, RefusedAfter = 0.03, AppliedLate = 0.02, Twice = 0.1, Conflict = 0.03, Delay = 0.0005, LateSeconds = 0.003,
    };

    /// <summary>The request never arrives, and no answer comes.</summary>
    public double LostRequest { get; init; }

    /// <summary>It is applied, and no answer comes.</summary>
    public double LostAnswer { get; init; }

    /// <summary>503 or 429: it is not applied.</summary>
    public double RefusedBefore { get; init; }

    /// <summary>500: it is applied all the same.</summary>
    public double RefusedAfter { get; init; }

    /// <summary>The caller is told 500, and later it is applied.</summary>
    public double AppliedLate { get; init; }

    /// <summary>It arrives a second time, later.</summary>
    public double Twice { get; init; }

    /// <summary>A conditional put is refused with 409 or 412 although the name is free.</summary>
    public double Conflict { get; init; }

    /// <summary>It takes up to <see cref="SlowSeconds"/>.</summary>
    public double Slow { get; init; }

    /// <summary>The usual delay in seconds, each way: calls overtake each other.</summary>
    public double Delay { get; init; }

    /// <summary>The longest time of a slow call.</summary>
    public double SlowSeconds { get; init; } = 10;

    /// <summary>After how many seconds at most a late or second call arrives.</summary>
    public double LateSeconds { get; init; } = 60;

    /// <summary>Draws one: some are nearly healthy, others are storms.</summary>
    public static ObjectFaults Draw(Random random)
    {
        var badness = Math.Pow(random.NextDouble(), 2);
        double Rate(double most) => badness * most * random.NextDouble();
        return new ObjectFaults
        {
            LostRequest = Rate(0.15),
            LostAnswer = Rate(0.2),
            RefusedBefore = Rate(0.3),
            RefusedAfter = Rate(0.2),
            AppliedLate = Rate(0.2),
            Twice = Rate(0.3),
            Conflict = Rate(0.2),
            Slow = Rate(0.1),
            Delay = 0.002 * Math.Pow(50, random.NextDouble()),
        };
    }

    /// <summary>For a while most calls are refused.</summary>
    public ObjectFaults Storm => this with { RefusedBefore = 0.5, RefusedAfter = 0.1, Conflict = 0.2 };

    /// <summary>For a while nobody is answered.</summary>
    public ObjectFaults Outage => this with { LostRequest = 0.9, LostAnswer = 1 };
}

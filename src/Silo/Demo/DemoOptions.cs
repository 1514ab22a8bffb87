namespace Rollbook.Silo.Demo;

/// <summary>How the demo runs.</summary>
internal sealed record DemoOptions
{
    /// <summary>End the silo after so many ended episodes; null: go on.</summary>
    public int? Exit { get; init; }

    /// <summary>Simulated workers: a multiple of eight, since siblings come in eights.</summary>
    public int Workers { get; init; } = 16;

    /// <summary>What the workers are called, with a number behind.</summary>
    public string Name { get; init; } = "demo";

    /// <summary>The seed of all that is random.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Mean pause of a worker between two steps. The page lives, the laptop stays cool.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(140);

    /// <summary>Silence after which an episode ends as <c>lost</c>, in whole seconds.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time between two looks at an episode whose worker hangs, and between a crash and the next start.</summary>
    public TimeSpan Restart { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time between two plain lines where the output is no terminal.</summary>
    public TimeSpan LineEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time between two drawings of the live summary.</summary>
    public TimeSpan DrawEvery { get; init; } = TimeSpan.FromMilliseconds(250);
}

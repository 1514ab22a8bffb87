namespace Rollbook.Silo.Demo;

/// <summary>All that decides an episode: the same plan gives the same trajectory.</summary>
internal sealed record EpisodePlan
{
    /// <summary>Siblings of a group have task, variant and policy in common.</summary>
    public const int GroupSize = 8;

    // Every so many groups the policy is a newer one, and better.
    private const int GroupsPerPolicy = 6;

    /// <summary>0-based number of the group in this run.</summary>
    public required int Group { get; init; }

    /// <summary>0 to 7.</summary>
    public required int Attempt { get; init; }

    /// <summary>The seed of policy and fate.</summary>
    public required int Seed { get; init; }

    /// <summary>The task.</summary>
    public required RepairTask Task { get; init; }

    /// <summary>The task's variant, 0-based.</summary>
    public required int Variant { get; init; }

    /// <summary>1, 2, …</summary>
    public required int PolicyVersion { get; init; }

    /// <summary>0 to 1.</summary>
    public required double Skill { get; init; }

    /// <summary>What becomes of the worker.</summary>
    public required Fate Fate { get; init; }

    /// <summary>The number of steps before a fate other than <see cref="Fate.Finish"/> comes.</summary>
    public required int FateAfter { get; init; }

    /// <summary>The plan of one sibling.</summary>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="group">0-based.</param>
    /// <param name="attempt">0 to 7.</param>
    public static EpisodePlan For(int seed, int group, int attempt)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)attempt, (uint)GroupSize);
        var own = Mix(seed, group * GroupSize + attempt);
        var version = 1 + group / GroupsPerPolicy;
        var task = TaskLibrary.All[group % TaskLibrary.All.Count];
        // A stream of its own, so that the fate doesn't change what the policy does until then.
        var fate = new Random(Mix(own, 1));
        var chance = fate.NextDouble();
        return new EpisodePlan
        {
            Group = group,
            Attempt = attempt,
            Seed = own,
            Task = task,
            Variant = (int)((uint)Mix(seed, -1 - group) % task.Variants.Count),
            PolicyVersion = version,
            Skill = Math.Min(0.85, 0.25 + 0.05 * version),
            Fate = chance < 0.03 ? Fate.Hang : chance < 0.10 ? Fate.Vanish : Fate.Finish,
            FateAfter = 2 + fate.Next(6),
        };
    }

    // SplitMix64, the generator that others are seeded with; 31 bits of it.
    private static int Mix(int seed, int number)
    {
        unchecked
        {
            var z = (ulong)(uint)seed * 0x9E3779B97F4A7C15 + ((ulong)(uint)number + 1) * 0xD1B54A32D192ED03;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return (int)((z ^ (z >> 31)) & 0x7FFFFFFF);
        }
    }
}

namespace Rollbook.Silo.Demo;

/// <summary>What the demo has done until now.</summary>
internal sealed record BoardView
{
    /// <summary>Time since the workers began.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Episodes without an ending, hanging ones included.</summary>
    public required int Running { get; init; }

    /// <summary>Episodes by status.</summary>
    public required IReadOnlyDictionary<string, int> Ended { get; init; }

    /// <summary>Acknowledged steps.</summary>
    public required long Steps { get; init; }

    /// <summary>Acknowledged steps per second of the last seconds.</summary>
    public required double StepsPerSecond { get; init; }

    /// <summary>Acknowledgement times of the last steps as the workers see them; null before the first.</summary>
    public required (double P50, double P99)? AckMilliseconds { get; init; }

    /// <summary>The tasks with a scored episode, in the order of their names.</summary>
    public required IReadOnlyList<TaskScore> Tasks { get; init; }

    /// <summary>The last endings, newest first.</summary>
    public required IReadOnlyList<EndedRollout> Last { get; init; }

    /// <summary>The newest failure of a worker, or null.</summary>
    public required string? Trouble { get; init; }

    /// <summary>All endings.</summary>
    public int EndedTotal => Ended.Values.Sum();

    /// <summary>The endings with a status.</summary>
    public int EndedAs(string status) => Ended.GetValueOrDefault(status);
}

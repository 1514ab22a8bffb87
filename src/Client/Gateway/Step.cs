namespace Rollbook.Client;

/// <summary>One action and what came of it. Only <see cref="ActionType"/> is required; what isn't set is not sent.</summary>
/// <remarks>
/// Numbers that are not finite are kept: a diverged run is worth reading. Texts with half of a surrogate pair get U+FFFD in its place.
/// Lists and JSON values are not to be changed before the step is durable.
/// </remarks>
/// <example>
/// <code>
/// var step = new Step
/// {
///     StepNumber = 1,
///     ActionType = "write_file",
///     ActionPath = "a.py",
///     Reward = 0.25,
///     FileDiff = new FileDiff("a.py", null, "x = 1", 5),
///     Observation = JsonValue.Of(new { ok = true }),
/// };
/// </code>
/// </example>
public sealed record Step
{
    /// <summary>The caller's own number; null = ordinal + 1.</summary>
    public long? StepNumber { get; init; }

    /// <summary>Unix seconds; null = when it was recorded.</summary>
    public double? Timestamp { get; init; }

    /// <summary>What the agent did: <c>read_file</c>, <c>run_tests</c>, …</summary>
    public required string ActionType { get; init; }

    /// <summary>On which path.</summary>
    public string? ActionPath { get; init; }

    /// <summary>With which query.</summary>
    public string? ActionQuery { get; init; }

    /// <summary>Length of the content that was written, in characters.</summary>
    public long? ActionContentLength { get; init; }

    /// <summary>The whole content of a write, so that it can be replayed.</summary>
    public string? ActionContent { get; init; }

    /// <summary>What the agent saw: any JSON.</summary>
    public JsonValue Observation { get; init; }

    /// <summary>The reward of this step.</summary>
    public double Reward { get; init; }

    /// <summary>The sum of the rewards up to this step.</summary>
    public double CumulativeReward { get; init; }

    /// <summary>Whether the environment is done.</summary>
    public bool Done { get; init; }

    /// <summary>What went wrong.</summary>
    public string? Error { get; init; }

    /// <summary>The change that the agent made.</summary>
    public FileDiff? FileDiff { get; init; }

    /// <summary>0 to 1, if tests ran.</summary>
    public double? TestPassRate { get; init; }

    /// <summary>How long the step took, in milliseconds.</summary>
    public double DurationMs { get; init; }

    /// <summary>What a monitor noticed.</summary>
    public IReadOnlyList<string> SecurityFlags { get; init; } = [];

    /// <summary>The agent's reasoning.</summary>
    public string? Thought { get; init; }

    /// <summary>The agent's answer as it came from the model.</summary>
    public string? Response { get; init; }

    /// <summary>Which of several agents acted.</summary>
    public string? AgentId { get; init; }

    /// <summary>Anything else, a JSON object: tool calls, token ids, log-probabilities.</summary>
    public JsonValue Extra { get; init; }
}

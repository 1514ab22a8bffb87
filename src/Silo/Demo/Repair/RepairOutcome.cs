using System.Text.Json.Nodes;

namespace Rollbook.Silo.Demo;

/// <summary>What came of an action.</summary>
internal sealed record RepairOutcome
{
    /// <summary>What the agent sees, as it is recorded.</summary>
    public required JsonObject Observation { get; init; }

    /// <summary>The step's reward.</summary>
    public double Reward { get; init; }

    /// <summary>True where the episode is over.</summary>
    public bool Done { get; init; }

    /// <summary>What went wrong, or null.</summary>
    public string? Error { get; init; }

    /// <summary>The change of a write.</summary>
    public FileChange? Change { get; init; }

    /// <summary>0 to 1, where tests were run.</summary>
    public double? PassRate { get; init; }

    /// <summary>What a guard would want to see.</summary>
    public IReadOnlyList<string> SecurityFlags { get; init; } = [];

    /// <summary>The failed tests of a run.</summary>
    public IReadOnlyList<MiniTestResult> Failures { get; init; } = [];

    /// <summary>The lines of a search.</summary>
    public IReadOnlyList<SearchMatch> Matches { get; init; } = [];
}

namespace Rollbook.Client;

/// <summary>What is needed to do a step again.</summary>
/// <param name="ActionType">What the agent did.</param>
/// <param name="Path">On which path; null where none was given or it was empty.</param>
/// <param name="Query">With which query; null where none was given or it was empty.</param>
/// <param name="Content">The content that was written; null where it was not kept.</param>
public sealed record ReplayAction(string ActionType, string? Path, string? Query, string? Content)
{
    internal static ReplayAction Of(Step step) => new(step.ActionType, Given(step.ActionPath), Given(step.ActionQuery), step.ActionContent);

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;
}

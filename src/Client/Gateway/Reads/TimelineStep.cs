namespace Rollbook.Client;

/// <summary>A step in short.</summary>
/// <param name="Step">The caller's own number; ordinal + 1 where it gave none.</param>
/// <param name="Action">What the agent did.</param>
/// <param name="Path">On which path.</param>
/// <param name="Reward">The step's reward.</param>
/// <param name="Error">What went wrong.</param>
/// <param name="DurationMs">Milliseconds.</param>
/// <param name="PassRate">0 to 1, if tests ran.</param>
/// <param name="SecurityFlags">What a monitor noticed.</param>
public sealed record TimelineStep(
    long Step, string Action, string? Path, double Reward, string? Error, double DurationMs, double? PassRate, IReadOnlyList<string> SecurityFlags)
{
    internal static TimelineStep Of(Step step) => new(
        step.StepNumber!.Value, step.ActionType, step.ActionPath, step.Reward, step.Error, step.DurationMs, step.TestPassRate, step.SecurityFlags);
}

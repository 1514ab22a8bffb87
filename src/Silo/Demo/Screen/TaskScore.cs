namespace Rollbook.Silo.Demo;

/// <summary>How a task goes.</summary>
/// <param name="Task">Its name.</param>
/// <param name="Scored">Episodes with a score.</param>
/// <param name="Mean">Their mean score.</param>
/// <param name="SuccessRate">The share of them in which all tests pass.</param>
internal sealed record TaskScore(string Task, int Scored, double Mean, double SuccessRate);

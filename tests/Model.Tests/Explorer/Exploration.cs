namespace Rollbook.Model.Tests.Explorer;

/// <summary>What an exploration found.</summary>
/// <param name="States">How many different states were reached.</param>
/// <param name="Depth">The moves to the farthest of them.</param>
/// <param name="Violation">The broken promise, or null: then every reachable state was looked at.</param>
/// <param name="Trace">The moves to the violation, a shortest way; empty without one.</param>
internal sealed record Exploration(int States, int Depth, string? Violation, IReadOnlyList<string> Trace);

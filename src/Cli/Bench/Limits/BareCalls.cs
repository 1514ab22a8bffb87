namespace Rollbook.Cli;

/// <summary>The cheapest calls of a way into the recorder: what its transport takes before a step is recorded.</summary>
/// <param name="PerSecond">Calls a second.</param>
/// <param name="ServerCpu">CPU seconds of the recorder per million calls; null where nobody tells.</param>
/// <param name="ClientCpu">CPU seconds of this process per million calls.</param>
internal sealed record BareCalls(double PerSecond, double? ServerCpu, double ClientCpu);

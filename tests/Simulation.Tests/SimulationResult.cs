namespace Rollbook.Simulation.Tests;

/// <summary>What one seed came to.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Trace">A hash over every choice and event.</param>
/// <param name="Steps">Tasks run.</param>
/// <param name="Time">Simulated time.</param>
/// <param name="Acked">Acknowledged steps.</param>
internal sealed record SimulationResult(int Seed, ulong Trace, int Steps, TimeSpan Time, int Acked);

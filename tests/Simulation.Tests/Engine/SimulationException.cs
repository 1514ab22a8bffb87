namespace Rollbook.Simulation.Tests.Engine;

/// <summary>A seed that failed, with what is needed to see it fail again.</summary>
internal sealed class SimulationException(World world, string failure) : Exception(
    $"""
    Seed {world.Seed} failed after {world.Steps} steps: {failure}
    The last events:
    {string.Join('\n', world.Events.TakeLast(int.TryParse(Environment.GetEnvironmentVariable("ROLLBOOK_SIM_EVENTS"), out var shown) ? shown : 60))}
    Replay: ROLLBOOK_SIM_SEED={world.Seed} dotnet run --project tests/Simulation.Tests -- -method '*Seeds_WhenEverythingFails_LoseNothing'
    """)
{
    public string Failure => failure;
}

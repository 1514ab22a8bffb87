using System.Globalization;
using Rollbook.Simulation.Tests.Engine;
using Rollbook.Simulation.Tests.Mutations;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Simulation.Tests;

/// <summary>T20, with the seam-level storage faults of T13 and the clocks of T16 in its schedule.</summary>
public sealed class SimulationTests
{
    [Fact]
    public void Seeds_WhenEverythingFails_LoseNothing()
    {
        var first = Setting("ROLLBOOK_SIM_SEED");
        var count = Setting("ROLLBOOK_SIM_SEEDS") ?? (first is null ? 500 : 1);
        var failed = new List<SimulationException>();
        long steps = 0, acked = 0;
        double seconds = 0;
        for (var seed = first ?? 1; seed < (first ?? 1) + count && failed.Count < 10; seed++)
        {
            try
            {
                var result = Simulation.Run(seed, Mutation.None);
                steps += result.Steps;
                acked += result.Acked;
                seconds += result.Time.TotalSeconds;
            }
            catch (SimulationException failure)
            {
                failed.Add(failure);
            }
        }

        Figures.Report("T20", $"{count} seeds, {steps} scheduled tasks, {seconds:F0} simulated seconds, {acked} acknowledged steps, {failed.Count} seeds failed");
        foreach (var failure in failed.Skip(1)) Console.Error.WriteLine(failure.Message.Split((char)10)[0]);
        if (failed.Count > 0) throw failed[0];
    }

    [Fact]
    public void Run_WhenRepeatedWithTheSameSeed_GivesTheSameTrace()
    {
        for (var seed = 1; seed <= 20; seed++)
            Assert.Equal(Outcome(seed), Outcome(seed));
    }

    private static string Outcome(int seed)
    {
        try
        {
            return Simulation.Run(seed, Mutation.None).ToString();
        }
        catch (SimulationException failure)
        {
            return failure.Message;
        }
    }

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : null;
}

using System.Globalization;
using Rollbook.Simulation.Tests.Engine;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Simulation.Tests.Objects;

/// <summary>T13: the object device over a store whose answers get lost, come late, twice, out of order, or say no for no reason.</summary>
public sealed class ObjectFaultTests
{
    [Fact]
    public void Seeds_WhenTheStoreFails_KeepTheLaws()
    {
        var first = Setting("ROLLBOOK_T13_SEED");
        var count = Setting("ROLLBOOK_T13_SEEDS") ?? (first is null ? 2000 : 1);
        long acked = 0, faulted = 0, fences = 0;
        for (var seed = first ?? 1; seed < (first ?? 1) + count; seed++)
        {
            var result = ObjectRun.Run(seed, BrokenObjects.None);
            (acked, faulted, fences) = (acked + result.Acked, faulted + result.Faulted, fences + result.Fences);
        }

        Figures.Report("T13", $"{count} schedules of a faulty object store, {faulted} faults, {acked} acknowledged chunks, {fences} fences, 0 violations");
    }

    [Fact]
    public void Run_WhenRepeatedWithTheSameSeed_GivesTheSame()
    {
        for (var seed = 1; seed <= 20; seed++) Assert.Equal(ObjectRun.Run(seed, BrokenObjects.None), ObjectRun.Run(seed, BrokenObjects.None));
    }

    [Fact]
    public void Seeds_WhenPutsHaveNoCondition_SeeIt() => Caught(new PutsWithoutCondition());

    [Fact]
    public void Seeds_WhenARefusalCountsAsSuccess_SeeIt() => Caught(new ConflictIsSuccess());

    [Fact]
    public void Seeds_WhenAcksAreOutOfOrder_SeeIt() => Caught(new AcksEachByItself());

    [Fact]
    public void Seeds_WhenTheDeviceGoesOnAfterPoison_SeeIt() => Caught(new GoesOnAfterPoison());

    private static void Caught(BrokenObjects broken)
    {
        for (var seed = 1; seed <= 500; seed++)
        {
            try
            {
                ObjectRun.Run(seed, broken);
            }
            catch (SimulationException failure) when (failure.Failure.StartsWith("law", StringComparison.Ordinal))
            {
                Figures.Report("T13", $"{broken.GetType().Name}: schedule {seed} sees it: {failure.Failure.Split('\n')[0]}");
                return;
            }
            catch (SimulationException)
            {
                // Only a broken law proves something.
            }
        }

        Assert.Fail($"No schedule of 500 saw the broken device {broken.GetType().Name}.");
    }

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : null;
}

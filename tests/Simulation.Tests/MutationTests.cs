using Rollbook.Simulation.Tests.Engine;
using Rollbook.Simulation.Tests.Mutations;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Simulation.Tests;

/// <summary>Each rule of the protocol whose removal loses a step is taken away, and the simulation must see it.</summary>
public sealed class MutationTests
{
    // The number of seeds that CI runs: what they don't see, CI does not see.
    private const int Seeds = 500;

    [Fact]
    public void Seeds_WhenNoFenceIsPut_SeeALoss() => Caught(new NoFence());

    [Fact]
    public void Seeds_WhenTheLogIsReadBeforeItsFence_SeeALoss() => Caught(new ReadBeforeFence());

    [Fact]
    public void Seeds_WhenAcksAreOutOfOrder_SeeALoss() => Caught(new AcksOutOfOrder());

    [Fact]
    public void Seeds_WhenAcksComeBeforeTheHeader_SeeALoss() => Caught(new AckBeforeHeader());

    [Fact]
    public void Seeds_WhenAReleaseDoesNotFlush_SeeALoss() => Caught(new ReleaseWithoutFlush());

    [Fact]
    public void Seeds_WhenTheOwnLogRaisesNoMinimumTerm_SeeALoss() => Caught(new OwnLogWithoutMinimumTerm());

    [Fact]
    public void Seeds_WhenTheFenceIgnoresTheMark_SeeALoss() => Caught(new FenceWithoutTheMark());

    [Fact]
    public void Seeds_WhenTheMarkMovesUnderTheFence_SeeALoss() => Caught(new TrimWhileFencing());

    [Fact]
    public void Seeds_WhenAManifestIsReplacedBlindly_SeeALoss() => Caught(new ManifestWithoutCompare());

    [Fact]
    public void Seeds_WhenALogIsFreedBeforeItsPacksArePublished_SeeALoss() => Caught(new PublishUnwritten());

    [Fact]
    public void Seeds_WhenALogIsFreedUnpacked_SeeALoss() => Caught(new FreeUnpacked());

    [Fact]
    public void Seeds_WhenNoFenceIsPutIntoAnObjectStore_SeeALoss() => Caught(new NoFence(), usesObjects: true);

    [Fact]
    public void Seeds_WhenALogOfObjectsIsReadBeforeItsFence_SeeALoss() => Caught(new ReadBeforeFence(), usesObjects: true);

    [Fact]
    public void Seeds_WhenAcksOfObjectsAreOutOfOrder_SeeALoss() => Caught(new AcksOutOfOrder(), usesObjects: true);

    [Fact]
    public void Seeds_WhenTheFenceOfObjectsIgnoresTheMark_SeeALoss() => Caught(new FenceWithoutTheMark(), usesObjects: true);

    [Fact]
    public void Seeds_WhenPutsOfObjectsHaveNoCondition_SeeALoss() => Caught(new PutWithoutCondition(), usesObjects: true);

    private static void Caught(Mutation mutation, bool usesObjects = false)
    {
        for (var seed = 1; seed <= Seeds; seed++)
        {
            try
            {
                Simulation.Run(seed, mutation, stepLimit: 200_000, usesObjects);
            }
            catch (SimulationException failure) when (failure.Failure.StartsWith("episode", StringComparison.Ordinal))
            {
                Figures.Report("T20", $"{mutation.GetType().Name}{(usesObjects ? " over objects" : "")}: seed {seed} sees it: {failure.Failure.Split('\n')[0]}");
                return;
            }
            catch (SimulationException)
            {
                // A run that stands still proves nothing: only a broken promise to a client does.
            }
        }

        Assert.Fail($"No seed of {Seeds} saw the mutation {mutation.GetType().Name}.");
    }
}

using Rollbook.Model.Tests.Explorer;
using Xunit;

namespace Rollbook.Model.Tests.Archive;

/// <summary>Sealing and compacting an episode: with all rules nothing is lost, and no rule can be left out but one.</summary>
public sealed class SealAndCompactTests
{
    private static readonly SealAndCompactBounds Everybody = new(Terms: 5, Compactors: 2, HasResume: true, HasRead: true);

    /// <summary>Terms, compactors, whether it may be resumed, whether it is read.</summary>
    public static TheoryData<(int, int, bool, bool)> Bounds => SlowTier.Of(
        always: [(4, 1, true, true), (4, 2, false, true), (5, 2, true, false)],
        large: [(5, 2, false, true)]);

    [Theory]
    [MemberData(nameof(Bounds))]
    public void Model_WhenAllRulesHold_BreaksNoPromise((int Terms, int Compactors, bool HasResume, bool HasRead) of)
    {
        var bounds = new SealAndCompactBounds(of.Terms, of.Compactors, of.HasResume, of.HasRead);
        Check.Exhausts(new SealAndCompactModel(SealAndCompactRules.All, bounds), bounds);
    }

    // An honest negative: whoever stops the owner, reads, and then seals is as safe, since the compare-and-swap notices every other claim.
    [Fact]
    public void Model_WhenItReadsBetweenTheStopAndTheSeal_BreaksNoPromise()
    {
        var bounds = Everybody with { HasRead = false };
        Check.Exhausts(new SealAndCompactModel(SealAndCompactRules.All & ~SealAndCompactRules.ReadAfterSeal, bounds), "without ReadAfterSeal");
    }

    [Theory]
    [InlineData(nameof(SealAndCompactRules.StopTheOwner), "an acknowledged record does not count any more")]
    [InlineData(nameof(SealAndCompactRules.ReadAfterStop), "an acknowledged record does not count any more")]
    [InlineData(nameof(SealAndCompactRules.SealTheHeader), "a step of an archived episode is not in its day folder")]
    [InlineData(nameof(SealAndCompactRules.EverythingPacked), "an acknowledged record does not count any more")]
    [InlineData(nameof(SealAndCompactRules.InputsStillListed), "an acknowledged record is in two places that count")]
    [InlineData(nameof(SealAndCompactRules.ReplacedAtOnce), "an acknowledged record is in two places that count")]
    [InlineData(nameof(SealAndCompactRules.RestIsKept), "an acknowledged record is in no place that counts")]
    [InlineData(nameof(SealAndCompactRules.FinalRowAfterManifest), "an acknowledged record does not count any more")]
    [InlineData(nameof(SealAndCompactRules.FinalRowKeepsUncovered), "an acknowledged record does not count any more")]
    [InlineData(nameof(SealAndCompactRules.OutputsHaveOwnNames), "an acknowledged record is in no place that counts")]
    [InlineData(nameof(SealAndCompactRules.JanitorSparesOutputs), "the manifest lists a file that is gone")]
    [InlineData(nameof(SealAndCompactRules.HeaderBeforeManifest), "a read lacks an acknowledged record")]
    [InlineData(nameof(SealAndCompactRules.MissingFileMeansAgain), "a read lacks an acknowledged record")]
    public void Model_WhenARuleIsMissing_BreaksAPromise(string rule, string promise) =>
        Check.Breaks(new SealAndCompactModel(SealAndCompactRules.All & ~Enum.Parse<SealAndCompactRules>(rule), Everybody), rule, promise);

    [Fact]
    public void Model_ReachesAScoreThatCameAfterTheFinalRow() => Check.Reaches(
        new SealAndCompactModel(SealAndCompactRules.All, Everybody with { HasRead = false }),
        state => state.Life == Life.Archived && state.Places[2] == Place.Packed && state.Places[3] == Place.InLog && state.Extents != 0);

    [Fact]
    public void Model_ReachesAFinalRowOfTheSecondCompactor_ForTheFirstOnesFile() => Check.Reaches(
        new SealAndCompactModel(SealAndCompactRules.All, Everybody with { HasRead = false }),
        state => state.Life == Life.Archived && state.Compactors[0].Step == CompactorStep.Published && state.Compactors[1].Step == CompactorStep.Done);

    [Fact]
    public void Model_ReachesAResumedEpisodeWholeInItsDayFolder() => Check.Reaches(
        new SealAndCompactModel(SealAndCompactRules.All, Everybody with { HasRead = false }),
        state => state.Life == Life.Archived && (state.Contents[4] & 0b10010) == 0b10010 && state.Listed >> 4 == 0b11);
}

using Rollbook.Model.Tests.Explorer;
using Xunit;

namespace Rollbook.Model.Tests.Archive;

/// <summary>Packing, trimming and reading one log: with all rules nothing is lost, and no rule can be left out.</summary>
public sealed class PackAndTrimTests
{
    private static readonly PackAndTrimBounds Everybody = new(Chunks: 2, Fencers: 2, Archivers: 2, HasReader: true, HasLatePuts: true);

    /// <summary>Chunks, fencers, archivers, whether there is a reader, whether puts come late.</summary>
    public static TheoryData<(int, int, int, bool, bool)> Bounds => SlowTier.Of(
        always: [(2, 2, 2, false, true), (3, 2, 1, false, false), (2, 1, 1, true, true), (2, 2, 1, true, false)],
        large: [(3, 1, 2, false, false), (2, 1, 2, true, false)]);

    [Theory]
    [MemberData(nameof(Bounds))]
    public void Model_WhenAllRulesHold_BreaksNoPromise((int Chunks, int Fencers, int Archivers, bool HasReader, bool HasLatePuts) of)
    {
        var bounds = new PackAndTrimBounds(of.Chunks, of.Fencers, of.Archivers, of.HasReader, of.HasLatePuts);
        Check.Exhausts(new PackAndTrimModel(PackAndTrimRules.All, bounds), bounds);
    }

    [Theory]
    [InlineData(nameof(PackAndTrimRules.StartStillHolds), "two packs that count have the same range")]
    [InlineData(nameof(PackAndTrimRules.EveryProjectPublished), "an acknowledged record is neither in a pack nor in the log")]
    [InlineData(nameof(PackAndTrimRules.MarkBeforeDelete), "a chunk was acknowledged at or above the fence")]
    [InlineData(nameof(PackAndTrimRules.ClosedRowRefusesTheMark), "a chunk was acknowledged at or above the fence")]
    [InlineData(nameof(PackAndTrimRules.EndKnownBeforehand), "a read lacks an acknowledged record")]
    [InlineData(nameof(PackAndTrimRules.PacksFirst), "a read has a record twice")]
    [InlineData(nameof(PackAndTrimRules.MissingMeansAgain), "a read lacks an acknowledged record")]
    [InlineData(nameof(PackAndTrimRules.PassOverTrimmed), "a read never gets past a trimmed chunk")]
    [InlineData(nameof(PackAndTrimRules.TrimmedBeforeManifest), "a read lacks an acknowledged record")]
    [InlineData(nameof(PackAndTrimRules.LoserSparesListed), "the manifest lists a file that is gone")]
    [InlineData(nameof(PackAndTrimRules.ArchiverKnowsItsEnd), "an acknowledged record is not in the pack of its range")]
    [InlineData(nameof(PackAndTrimRules.JanitorSparesPublishable), "the manifest lists a file that is gone")]
    public void Model_WhenARuleIsMissing_BreaksAPromise(string rule, string promise) =>
        Check.Breaks(new PackAndTrimModel(PackAndTrimRules.All & ~Enum.Parse<PackAndTrimRules>(rule), Everybody), rule, promise);

    [Fact]
    public void Model_ReachesALogThatIsTrimmedToItsFence_WithBothProjectsPacked() => Check.Reaches(
        new PackAndTrimModel(PackAndTrimRules.All, Everybody with { HasReader = false }),
        state => state.Row == Row.Fenced && state.FencedAt == 2 && state.TrimmedTo == 2 && state.PackedTo[0] == 2 && state.PackedTo[1] == 2 && state.Cells[0] == Cell.Absent);

    [Fact]
    public void Model_ReachesAReadThatStartedAgainAndAnswered() => Check.Reaches(
        new PackAndTrimModel(PackAndTrimRules.All, Everybody),
        state => state.Reader is { Step: ReaderStep.Reading, IsAgain: true } && state.Reader.At == state.Reader.End);

    [Fact]
    public void Model_ReachesAZombieThatMeetsTheFence() => Check.Reaches(
        new PackAndTrimModel(PackAndTrimRules.All, Everybody with { HasReader = false }), state => state.IsPoisoned && state.FencedAt == 1 && state.TrimmedTo == 1);
}

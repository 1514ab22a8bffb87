using Rollbook.Model.Tests.Explorer;
using Xunit;

namespace Rollbook.Model.Tests.Archive;

/// <summary>Packing, trimming and reading one log: with all rules nothing is lost, and no rule can be left out.</summary>
public sealed class PackAndTrimTests
{
    private static readonly PackAndTrimBounds Everybody = new(Chunks: 2, Fencers: 2, Archivers: 2, HasReader: true, HasLatePuts: true);

    [Fact]
    public void Model_WhenAllRulesHold_BreaksNoPromise() => Check.Exhausts(new PackAndTrimModel(PackAndTrimRules.All, Everybody));
    [Theory]
    [InlineData(2,2,2,false,true)]
    [InlineData(3,1,2,false,false)]
    [InlineData(3,2,1,false,false)]
    [InlineData(2,1,1,true,true)]
    [InlineData(2,2,1,true,false)]
    [InlineData(2,1,2,true,false)]
    [InlineData(3,1,1,true,false)]
    public void Probe(int c,int f,int a,bool r,bool l) {Console.WriteLine($"{c} {f} {a} {r} {l}"); Check.Exhausts(new PackAndTrimModel(PackAndTrimRules.All, new PackAndTrimBounds(c,f,a,r,l)));}

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
    [InlineData(nameof(PackAndTrimRules.JanitorSparesPublishable), "the manifest lists a file that is gone")]
    public void Model_WhenARuleIsMissing_BreaksAPromise(string rule, string promise) =>
        Check.Breaks(new PackAndTrimModel(PackAndTrimRules.All & ~Enum.Parse<PackAndTrimRules>(rule), Everybody), rule, promise);
}

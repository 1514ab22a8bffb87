using Rollbook.Model.Tests.Explorer;
using Xunit;

namespace Rollbook.Model.Tests.Archive;

/// <summary>Sealing and compacting an episode: with all rules nothing is lost, and no rule can be left out but one.</summary>
public sealed class SealAndCompactTests
{
    private static readonly SealAndCompactBounds Everybody = new(Terms: 5, Compactors: 2, HasResume: true, HasRead: true);

    [Theory]
    [InlineData(4,1,true,true)]
    [InlineData(4,2,true,false)]
    [InlineData(4,2,false,true)]
    [InlineData(5,2,true,false)]
    [InlineData(4,2,true,true)]
    [InlineData(5,2,false,true)]
    [InlineData(5,2,true,true)]
    public void Probe(int c,int f,bool a,bool r) {Console.WriteLine($"{c} {f} {a} {r}"); Check.Exhausts(new SealAndCompactModel(SealAndCompactRules.All, new SealAndCompactBounds(c,f,a,r)));}

    [Theory]
    [InlineData(nameof(SealAndCompactRules.StopTheOwner), "an acknowledged record does not count any more")]
    [InlineData(nameof(SealAndCompactRules.ReadAfterStop), "an acknowledged record does not count any more")]
    [InlineData(nameof(SealAndCompactRules.SealTheHeader), "an acknowledged record does not count any more")]
    [InlineData(nameof(SealAndCompactRules.EverythingPacked), "an acknowledged record does not count any more")]
    [InlineData(nameof(SealAndCompactRules.InputsStillListed), "an acknowledged record is in two places that count")]
    [InlineData(nameof(SealAndCompactRules.ReplacedAtOnce), "an acknowledged record is in two places that count")]
    [InlineData(nameof(SealAndCompactRules.RestIsKept), "an acknowledged record is in no place that counts")]
    [InlineData(nameof(SealAndCompactRules.FinalRowAfterManifest), "an acknowledged record does not count any more")]
    [InlineData(nameof(SealAndCompactRules.FinalRowKeepsUncovered), "an acknowledged record does not count any more")]
    [InlineData(nameof(SealAndCompactRules.JanitorSparesOutputs), "the manifest lists a file that is gone")]
    [InlineData(nameof(SealAndCompactRules.HeaderBeforeManifest), "a read lacks an acknowledged record")]
    [InlineData(nameof(SealAndCompactRules.MissingFileMeansAgain), "a read lacks an acknowledged record")]
    public void Model_WhenARuleIsMissing_BreaksAPromise(string rule, string promise) =>
        Check.Breaks(new SealAndCompactModel(SealAndCompactRules.All & ~Enum.Parse<SealAndCompactRules>(rule), Everybody), rule, promise);
}

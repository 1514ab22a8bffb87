using Rollbook.Archive;
using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Grains.Tests.Archive.Manifests;

public sealed class CompactionInputsTests
{
    private static readonly LogId Log = new(7);
    private static readonly LogId Other = new(8);

    [Fact]
    public void Choose_WhenTheClockThatDatedAPackWasAhead_TakesNoneBehindIt()
    {
        // The rest of what is chosen stands for all chunks from the first to the last: a pack between them would be gone.
        var manifest = Of(Pack(Log, 0, 15, 100), Pack(Log, 15, 26, 5_000), Pack(Log, 26, 29, 300), Pack(Other, 0, 4, 400));

        var inputs = CompactionInputs.Choose(manifest, 1_000, long.MaxValue);

        Assert.Equal([(Log, 0L), (Other, 0L)], inputs.Packs.Select(static p => (p.Log, p.From)));
        Assert.True(inputs.Hold(Log, 14));
        Assert.False(inputs.Hold(Log, 15));
    }

    [Fact]
    public void Choose_WhenOnlyTheFirstOnesFit_TakesThoseOfEachLog()
    {
        var manifest = Of(Pack(Log, 0, 15, 300), Pack(Log, 15, 26, 100), Pack(Log, 26, 29, 200), Pack(Other, 0, 4, 250));

        var inputs = CompactionInputs.Choose(manifest, 1_000, 20);

        Assert.Equal([(Other, 0L), (Log, 0L)], inputs.Packs.Select(static p => (p.Log, p.From)));
    }

    [Fact]
    public void Choose_OfPacksThatOtherClocksDated_GivesEachLogWithoutAGap()
    {
        var manifest = Of(Pack(Log, 0, 15, 300), Pack(Log, 15, 26, 100), Pack(Log, 26, 29, 200));

        var inputs = CompactionInputs.Choose(manifest, 1_000, long.MaxValue);

        Assert.Equal([0L, 15L, 26L], Assert.Single(inputs.Logs).Select(static p => p.From));
    }

    private static Manifest Of(params Pack[] packs) => packs.Aggregate(Manifest.Empty, static (manifest, pack) => manifest.With(pack)!);

    private static Pack Pack(LogId log, long from, long to, long at) =>
        new() { Log = log, From = from, To = to, At = at, Steps = new ManifestFile($"{log}-{from}", 10, 2, "00") };
}

using Rollbook.Archive;
using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Grains.Tests.Archive;

public sealed class ArchivePathsTests
{
    private static readonly LogId Log = LogId.Parse("01KAR5G0000000000000000MAG");

    [Fact]
    public void Names_OfAPlainProject_AreTheContract()
    {
        const string Folder = "projects/default/packs/01KAR5G0000000000000000MAG/";
        Assert.Equal("projects/default/manifest.json", ArchivePaths.Manifest("default"));
        Assert.Equal(Folder + "000000000012-000000004711.steps.parquet", ArchivePaths.Pack("default", Log, 12, 4711, ArchiveKind.Steps));
        Assert.Equal(Folder + "000000000012-000000004711.episodes.parquet", ArchivePaths.Pack("default", Log, 12, 4711, ArchiveKind.Episodes));
        Assert.Equal(Folder + "000000000012-000000004711.scores.parquet", ArchivePaths.Pack("default", Log, 12, 4711, ArchiveKind.Scores));
        Assert.Equal("projects/default/steps/date=2026-03-04/x.parquet", ArchivePaths.Day("default", ArchiveKind.Steps, new DateOnly(2026, 3, 4), "x"));
    }

    [Theory]
    [InlineData("default", "default")]
    [InlineData("a.b", "a.2Eb")]
    [InlineData("..", ".2E.2E")]
    [InlineData("a/b", "a.2Fb")]
    [InlineData("date=1", "date.3D1")]
    [InlineData("mañana", "ma.C3.B1ana")]
    [InlineData("a.2Eb", "a.2E2Eb")]
    public void Pack_OfAnyProject_IsANameAndIsReadBack(string project, string folder)
    {
        var name = ArchivePaths.Pack(project, Log, 0, long.MaxValue, ArchiveKind.Scores);

        Assert.StartsWith($"projects/{folder}/packs/", ArchivePaths.Check(name), StringComparison.Ordinal);
        Assert.True(ArchivePaths.TryParsePack(name, out var parsed, out var log, out var from, out var to, out var kind));
        Assert.Equal((project, Log, 0, long.MaxValue, ArchiveKind.Scores), (parsed, log, from, to, kind));
    }

    [Theory]
    [InlineData("projects/default/manifest.json")]
    [InlineData("projects/default/packs/01KAR5G0000000000000000MAG/12-13.steps.parquet")]
    [InlineData("projects/default/packs/01KAR5G0000000000000000MAG/000000000014-000000000013.steps.parquet")]
    [InlineData("projects/default/packs/01KAR5G0000000000000000MAG/000000000012-000000000013.other.parquet")]
    [InlineData("projects/default/packs/01KAR5G0000000000000000MAG/000000000012-000000000013.steps.parquet.old")]
    [InlineData("projects/default/packs/nolog/000000000012-000000000013.steps.parquet")]
    [InlineData("packs/01KAR5G0000000000000000MAG/000000000012-000000000013.steps.parquet")]
    [InlineData("projects//packs/01KAR5G0000000000000000MAG/000000000012-000000000013.steps.parquet")]
    [InlineData("")]
    public void TryParsePack_OfAnythingElse_IsFalse(string name) => Assert.False(ArchivePaths.TryParsePack(name, out _, out _, out _, out _, out _));
}

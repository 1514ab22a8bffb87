using Rollbook.Archive;
using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Grains.Tests.Archive.Manifests;

public sealed class ManifestTests
{
    private static readonly LogId Log = new(7);
    private static readonly LogId Other = new(8);
    private static readonly LogId Attempt = new(100);

    [Fact]
    public void With_WhenThePackFollows_MovesTheLogsMark()
    {
        var manifest = Manifest.Empty.With(Pack(Log, 0, 5))!.With(Pack(Log, 5, 9))!.With(Pack(Other, 0, 3))!;

        Assert.Equal((3L, 9L, 3L), (manifest.Version, manifest.PackedToOf(Log), manifest.PackedToOf(Other)));
        Assert.Equal(5, manifest.Find(Log, 5)!.From);
        Assert.Null(manifest.Find(Log, 9));
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(3, 9)]
    [InlineData(6, 9)]
    [InlineData(5, 5)]
    public void With_WhenThePackDoesNotBeginAtTheMark_GivesNull(long from, long to) =>
        Assert.Null(Manifest.Empty.With(Pack(Log, 0, 5))!.With(Pack(Log, from, to)));

    [Fact]
    public void Stage_WhenAnotherCompactionEntered_GivesNull()
    {
        var manifest = Packed().Enter(Attempt)!.Enter(new LogId(101))!;

        Assert.Null(manifest.Stage(Attempt, Compaction()));
        Assert.NotNull(manifest.Stage(new LogId(101), Compaction()));
    }

    [Fact]
    public void Stage_WhenAnInputIsNotListed_GivesNull()
    {
        var manifest = Packed().Enter(Attempt)!;

        Assert.Null(manifest.Stage(Attempt, Compaction() with { Inputs = [new PackRange(Log, 0, 6)] }));
    }

    [Fact]
    public void Enter_WhileOneIsStaged_GivesNull() => Assert.Null(Packed().Enter(Attempt)!.Stage(Attempt, Compaction())!.Enter(new LogId(101)));

    [Fact]
    public void Find_OfAStagedPack_GivesIt() =>
        Assert.NotNull(Packed().Enter(Attempt)!.Stage(Attempt, Compaction())!.Find(new LogId(50), 0));

    [Fact]
    public void Finish_OfTheStagedCompaction_ReplacesItsInputsInOneChange()
    {
        var staged = Packed().Enter(Attempt)!.Stage(Attempt, Compaction())!.With(Pack(Log, 9, 12))!;
        var manifest = staged.Finish(Compaction(), 77)!;

        Assert.Equal([new LogId(50), Log, Log], manifest.Packs.Select(static p => p.Log));
        Assert.Equal([(0L, 1L), (0L, 9L), (9L, 12L)], manifest.Packs.Select(static p => (p.From, p.To)));
        Assert.Null(manifest.Staged);
        Assert.Null(manifest.Compacting);
        Assert.Equal(12, manifest.PackedToOf(Log));
        Assert.Equal(["0-5", "5-9"], manifest.Dropped.Select(static f => f.Name));
        Assert.All(manifest.Dropped, static f => Assert.Equal(77, f.At));
        Assert.Null(manifest.Finish(Compaction(), 78));
    }

    [Fact]
    public void Enter_WhenAChosenPackWasReplacedByOneOfTheSameChunks_GivesNull()
    {
        var before = Packed();
        var one = new Compaction([new PackRange(Log, 0, 5)], [], [Pack(Log, 0, 5) with { Steps = new ManifestFile("less", 9, 1, "01") }]);
        var after = before.Enter(Attempt, before.Packs[0])!.Stage(Attempt, one)!.Finish(one, 77)!;

        Assert.Null(after.Enter(new LogId(101), before.Packs));
        Assert.NotNull(after.Enter(new LogId(101), after.Packs));
    }

    [Fact]
    public void Deletion_FromTheRequestToTheEnd_IsListedUntilItIsErased()
    {
        var manifest = (Packed() with { Dropped = [new DroppedFile("x", 5)] }).Delete(Deletion(1, 2, 3))!;

        Assert.Equal([Id(1), Id(2), Id(3)], manifest.DeletedEpisodes().Order());
        Assert.Empty(manifest.DroppableEpisodes());
        Assert.Null(manifest.Delete(Deletion(4)));
        manifest = manifest.Spare(Attempt, [Id(2)])!.Moved(Attempt)!;
        Assert.Equal([Id(1), Id(3)], manifest.DroppableEpisodes().Order());
        Assert.Null(manifest.Spare(Attempt, [Id(1)]));
        manifest = manifest.Cleared([Attempt])!;
        Assert.Equal(["x"], manifest.Find(Attempt)!.Awaits!);
        Assert.Null(manifest.Cleared([Attempt]));
        Assert.Empty(manifest.Erased(Attempt)!.Deletions);
    }

    [Fact]
    public void Spare_OfAllEpisodes_TakesTheDeletionOut() => Assert.Empty(Packed().Delete(Deletion(1))!.Spare(Attempt, [Id(1)])!.Deletions);

    [Fact]
    public void Codec_OfEveryField_GivesItBack()
    {
        var staged = Packed().Enter(Attempt)!.Stage(Attempt, Compaction())!.Delete(Deletion(1, 2))!.Moved(Attempt)! with { Dropped = [new DroppedFile("x", 5)] };
        staged = staged.Cleared([Attempt])!.Delete(Deletion(3) with { Receipt = new LogId(102) })!;

        var read = ManifestCodec.Read(ManifestCodec.Write(staged), "e");

        Assert.Equal(ManifestCodec.Write(staged).ToArray(), ManifestCodec.Write(read).ToArray());
        Assert.Equal((staged.Version, "e", staged.Compacting), (read.Version, read.ETag, read.Compacting));
        Assert.Equal(staged.Packs, read.Packs);
        Assert.Equal(staged.Staged!.Sealed, read.Staged!.Sealed);
        Assert.Equal(staged.Staged.Inputs, read.Staged.Inputs);
        Assert.Equal(staged.Dropped, read.Dropped);
        Assert.Equal([(Attempt, true, 2), (new LogId(102), false, 1)], read.Deletions.Select(static d => (d.Receipt, d.Moved, d.Episodes.Count)));
        Assert.Equal(["x"], read.Deletions[0].Awaits!);
    }

    [Fact]
    public void Codec_OfANewerFormat_SaysSo()
    {
        var newer = """{"format":2}"""u8.ToArray();

        Assert.Throws<PackVersionException>(() => ManifestCodec.Read(newer, "e"));
    }

    private static EpisodeId Id(int id) => new((UInt128)id);

    private static Rollbook.Archive.Deletion Deletion(params int[] ids) =>
        new() { Receipt = Attempt, At = 7, Episodes = [.. ids.Select(Id)], Steps = 8, Bytes = 9 };

    private static Manifest Packed() => Manifest.Empty.With(Pack(Log, 0, 5))!.With(Pack(Log, 5, 9))!;

    private static Compaction Compaction() => new(
        [new PackRange(Log, 0, 5), new PackRange(Log, 5, 9)],
        [Pack(new LogId(50), 0, 1) with { Day = new DateOnly(2026, 11, 25) }],
        [Pack(Log, 0, 9)]);

    private static Pack Pack(LogId log, long from, long to) =>
        new() { Log = log, From = from, To = to, At = 1, Steps = new ManifestFile($"{from}-{to}", 10, 2, "00") };
}

using Rollbook.Archive;
using Rollbook.Episodes;
using Rollbook.Grains.Tests.Episodes;
using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Archive.Rounds;

/// <summary>Clients mint ids: two projects may have an episode of the same one, and neither sees, hides or loses anything of the other's.</summary>
public sealed class SameIdTests
{
    private const int Steps = 1200;
    private const string OtherProject = "other";

    private readonly RecorderBench bench = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private EpisodeKey One { get; } = new(EpisodeKey.DefaultProject, new EpisodeId(1 << 20));

    private EpisodeKey Other { get; } = new(OtherProject, new EpisodeId(1 << 20));

    [Fact]
    public async Task Read_WhileBothRunInOneLog_GivesEachItsOwnSteps()
    {
        var silo = await bench.StartAsync();
        await RecordAsync(silo);

        await CheckAsync(silo, One, Other);
        Assert.All(await bench.IndexedAsync(silo.Log.Id, Other), static e => Assert.Equal(OtherProject, e.Project));
    }

    [Fact]
    public async Task Read_AfterTheirLogDied_GivesEachItsOwnSteps()
    {
        var first = await bench.StartAsync();
        await RecordAsync(first);
        bench.Kill(first);
        var silo = await bench.StartAsync();
        await bench.RecoverAsync(silo);

        await CheckAsync(silo, One, Other);
    }

    [Fact]
    public async Task Read_AfterTheirLogDiedWithoutAnIndex_GivesEachItsOwnSteps()
    {
        var first = await bench.StartAsync();
        bench.Indexes.Failure = static () => new IOException("no room");
        await RecordAsync(first);
        bench.Indexes.Failure = null;
        bench.Kill(first);
        var silo = await bench.StartAsync();
        await bench.RecoverAsync(silo);

        await CheckAsync(silo, One, Other);
    }

    [Fact]
    public async Task Compact_OfTheOneThatEnded_LeavesTheRunningOneWhole()
    {
        var silo = await bench.StartAsync();
        await RecordAsync(silo);
        await silo.Rounds.PackOwnAsync(Token);
        await CheckAsync(silo, One, Other);

        await EndAsync(silo, One);
        await SealAsync(silo, expected: 1);

        Assert.Empty(await bench.IndexedAsync(silo.Log.Id, One));
        Assert.NotEmpty(await bench.IndexedAsync(silo.Log.Id, Other));
        await CheckAsync(silo, One, Other);
        await EndAsync(silo, Other);
        await SealAsync(silo, expected: 1);
        Assert.Empty(await bench.IndexedAsync(silo.Log.Id, Other));
        await CheckAsync(silo, One, Other);
    }

    [Fact]
    public async Task Compact_WithIndexesOfTheFirstFormat_KeepsWhatAnotherProjectMayNeed()
    {
        var silo = await bench.StartAsync();
        await RecordAsync(silo);
        await silo.Rounds.PackOwnAsync(Token);
        await EndAsync(silo, One);
        await silo.Rounds.PackOwnAsync(Token);
        var before = await MakeFirstFormatAsync(silo.Log.Id);

        await SealAsync(silo, expected: 1);

        Assert.Equal(before, (await bench.IndexedAsync(silo.Log.Id, Other)).Count);
        await EndAsync(silo, Other);
        await SealAsync(silo, expected: 1);
        Assert.Empty(await bench.IndexedAsync(silo.Log.Id, Other));
        await CheckAsync(silo, One, Other);
    }

    [Fact]
    public async Task Delete_OfOne_LeavesTheOtherWhole()
    {
        var silo = await bench.StartAsync();
        bench.ArchiveOptions.EraseSeconds = 1;
        await RecordAsync(silo);
        await EndAsync(silo, One);
        await EndAsync(silo, Other);

        var answer = await silo.Deletions.DeleteAsync(One.Project, [new DoomedEpisode(One.Id, Steps, false, false)], false, Token);
        await CheckAsync(silo, Other);
        for (var round = 0; round < 4; round++)
        {
            await silo.Rounds.PackOwnAsync(Token);
            bench.Time.Advance(TimeSpan.FromHours(1));
            await silo.Rounds.CompactAsync(Token);
        }

        Assert.NotNull((await silo.Deletions.FindAsync(One.Project, answer.Receipt!.Receipt, Token))!.ErasedAt);
        Assert.Equal(RollbookCode.EpisodeDeleted, (await silo.Activate(One).ReadAsync()).Code);
        await CheckAsync(silo, Other);
        bench.Kill(silo);
        var next = await bench.StartAsync();
        await bench.RecoverAsync(next);
        await CheckAsync(next, Other);
    }

    private static string Salt(EpisodeKey key) => key.Project;

    private async Task RecordAsync(BenchSilo silo)
    {
        var (one, _) = await silo.OpenAsync(One);
        var (other, _) = await silo.OpenAsync(Other);
        // In batches of different sizes, so that the ordinals of one fall between those of the other.
        for (int a = 0, b = 0; a < Steps || b < Steps; a += 40, b += 30)
        {
            if (a < Steps) Assert.Equal(RollbookCode.Ok, (await one.AppendAsync(BenchSilo.Batch(a, Math.Min(40, Steps - a), Salt(One)))).Code);
            if (b < Steps) Assert.Equal(RollbookCode.Ok, (await other.AppendAsync(BenchSilo.Batch(b, Math.Min(30, Steps - b), Salt(Other)))).Code);
        }

        one.Leave();
        other.Leave();
    }

    private static async Task EndAsync(BenchSilo silo, EpisodeKey key)
    {
        var owner = silo.Activate(key);
        Assert.Equal(RollbookCode.Ok, (await owner.EndAsync(BenchSilo.Completed(Steps))).Code);
        owner.Leave();
    }

    // Until the files that the compaction replaced are deleted, and the indexes are pruned.
    private async Task SealAsync(BenchSilo silo, int expected)
    {
        await silo.Rounds.PackOwnAsync(Token);
        bench.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(expected, await silo.Rounds.CompactAsync(Token));
        bench.Time.Advance(Janitor.Grace * 2);
        await silo.Rounds.CompactAsync(Token);
    }

    // As the release before wrote them.
    private async Task<int> MakeFirstFormatAsync(LogId log)
    {
        var count = 0;
        for (var segment = 0; await bench.Indexes.GetAsync(log, SegmentIndexCodec.NameOf(segment), Token) is { } bytes; segment++)
        {
            var index = SegmentIndexCodec.TryRead(log, bytes)!;
            IndexEntry[] entries = [.. index.Entries.ToArray().Select(static e => e with { Project = null }).Order()];
            count += entries.Length;
            var first = new SegmentIndex(index.Segment, index.FirstChunk, index.EndChunk, index.OwnedBegin, entries);
            await bench.Indexes.PutAsync(log, SegmentIndexCodec.NameOf(segment), SegmentIndexCodec.Write(log, first), Token);
        }

        return count;
    }

    private static async Task CheckAsync(BenchSilo silo, params EpisodeKey[] keys)
    {
        foreach (var key in keys)
        {
            var owner = silo.Activate(key);
            var lines = new List<string>();
            while (lines.Count < Steps)
            {
                var page = await owner.ReadStepsAsync(lines.Count, Steps, TimeSpan.Zero);
                Assert.Equal((key, RollbookCode.Ok), (key, page.Code));
                Assert.True(page.Steps.Count > 0, $"no step at {lines.Count} of {key}");
                lines.AddRange(TestSteps.Lines(page.Steps));
            }

            Assert.Equal(TestSteps.Lines(TestSteps.Range(Salt(key), 0, Steps)), lines);
            owner.Leave();
        }
    }
}

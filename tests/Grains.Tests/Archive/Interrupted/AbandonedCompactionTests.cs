using Rollbook.Archive;
using Rollbook.Episodes;
using Rollbook.Grains.Tests.Episodes;
using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Archive.Interrupted;

/// <summary>A compaction that comes to nothing leaves nothing: rows of the registry are never deleted, so none may be written too early.</summary>
public sealed class AbandonedCompactionTests
{
    private const long Day = 86_400;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Compact_WhenAnEpisodeOfALaterDayCannotBeRead_LeavesNoRowNoMarkAndNoFile()
    {
        var bench = new RecorderBench();
        var silo = await bench.StartAsync();
        var whole = await EndedAsync(silo, 1 * Day);
        bench.Time.Advance(TimeSpan.FromMinutes(1));
        var first = bench.Storage.Appended.Count;
        var broken = await EndedAsync(silo, 2 * Day);
        await silo.Rounds.PackOwnAsync(Token);
        bench.Time.Advance(TimeSpan.FromHours(1));
        var before = await FilesAsync(bench);
        // The steps lie in the chunk behind the claim's.
        bench.Storage.Damaged.Add(bench.Storage.Appended[first + 1].Number);

        Assert.Equal(0, await silo.Rounds.CompactAsync(Token));

        Assert.Empty(await SealedRowsAsync(bench));
        Assert.Null((await bench.ManifestAsync()).Compacting);
        Assert.Equal(before, await FilesAsync(bench));
        Assert.Equal(1, await silo.Rounds.CompactAsync(Token));
        var row = Assert.Single(await SealedRowsAsync(bench));
        Assert.Equal(Assert.Single((await bench.ManifestAsync()).Packs, static p => p.Day is not null).Log, row.Log);
        Assert.Equal(HeaderState.Archived, (await bench.Headers.ReadAsync(whole, Token))!.State);
        Assert.Equal(HeaderState.Open, (await bench.Headers.ReadAsync(broken, Token))!.State);
    }

    [Fact]
    public async Task Compact_WhenAnotherCompactionEntersMeanwhile_LeavesNoRow()
    {
        var bench = new RecorderBench();
        var entering = new OtherCompaction(bench);
        var silo = await bench.StartAsync(entering);
        var key = await EndedAsync(silo, Day);
        await silo.Rounds.PackOwnAsync(Token);
        bench.Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(0, await silo.Rounds.CompactAsync(Token));

        Assert.True(entering.Entered, "No file of a day was written.");
        Assert.Empty(await SealedRowsAsync(bench));
        Assert.Equal(1, await silo.Rounds.CompactAsync(Token));
        Assert.Single(await SealedRowsAsync(bench));
        Assert.Equal(EpisodeStatus.Completed, (await silo.Activate(key).ReadAsync()).Record!.Status);
    }

    [Fact]
    public async Task Compact_WhenItsSiloDiedBehindTheStaging_IsEnteredByTheNext()
    {
        var bench = new RecorderBench();
        var dying = new DyingBehindTheStaging();
        var dead = await bench.StartAsync(dying);
        var key = bench.NewKey();
        await dead.OpenAsync(key);
        // More than one entry of an index leads to.
        for (var at = 0; at < 5000; at += 100) await dead.Activate(key).AppendAsync(BenchSilo.Batch(at, 100));
        await dead.Activate(key).EndAsync(BenchSilo.Completed(5000));
        await dead.Rounds.PackOwnAsync(Token);
        bench.Time.Advance(TimeSpan.FromHours(1));
        await Assert.ThrowsAsync<IOException>(async () => await dead.Rounds.CompactAsync(Token));
        bench.Kill(dead);
        Assert.NotNull((await bench.ManifestAsync()).Staged);
        Assert.Empty(await SealedRowsAsync(bench));
        var silo = await bench.StartAsync();
        await bench.RecoverAsync(silo);

        Assert.Equal(1, await silo.Rounds.CompactAsync(Token));

        Assert.Single(await SealedRowsAsync(bench));
        var lines = new List<string>();
        while (await silo.Activate(key).ReadStepsAsync(lines.Count, 1000, TimeSpan.Zero) is { Steps.Count: > 0 } page) lines.AddRange(TestSteps.Lines(page.Steps));
        Assert.Equal(TestSteps.Lines(TestSteps.Range("s", 0, 5000)), lines);
    }

    private static async Task<EpisodeKey> EndedAsync(BenchSilo silo, double endTime)
    {
        var (owner, key) = await silo.OpenAsync();
        Assert.Equal(RollbookCode.Ok, (await owner.AppendAsync(BenchSilo.Batch(0, 3))).Code);
        Assert.Equal(RollbookCode.Ok, (await owner.EndAsync(BenchSilo.Completed(3) with { EndTime = endTime })).Code);
        owner.Leave();
        return key;
    }

    private static async Task<IReadOnlyList<LogRow>> SealedRowsAsync(RecorderBench bench) =>
        [.. (await bench.Registry.ListAsync([LogState.Trimmed], Token)).Where(static row => row.Address == "archive")];

    private static async Task<List<string>> FilesAsync(RecorderBench bench) =>
        await bench.Archive.ListAsync(ArchivePaths.Projects, Token).Select(static entry => entry.Name).ToListAsync(Token);

    /// <summary>Enters another compaction as soon as the first one writes a day's file.</summary>
    private sealed class OtherCompaction(RecorderBench bench) : CallGate
    {
        public bool Entered { get; private set; }

        public override async ValueTask<T> CallAsync<T>(string what, Func<ValueTask<T>> call)
        {
            if (!Entered && what.StartsWith("archive put", StringComparison.Ordinal) && what.Contains("/date=", StringComparison.Ordinal))
            {
                Entered = true;
                Assert.NotNull(await new ManifestStore(bench.Archive).ChangeAsync(EpisodeKey.DefaultProject, m => m.Enter(bench.NewLog()), CancellationToken.None));
            }

            return await call();
        }
    }

    /// <summary>Ends a silo at its first call behind the one that stages a compaction.</summary>
    private sealed class DyingBehindTheStaging : CallGate
    {
        private int replaced;

        public override ValueTask<T> CallAsync<T>(string what, Func<ValueTask<T>> call)
        {
            // A pack, a compaction that enters, and one that is staged.
            if (replaced == 3) throw new IOException($"This silo is killed before: {what}.");
            if (what.StartsWith("archive replace", StringComparison.Ordinal)) replaced++;
            return call();
        }
    }
}

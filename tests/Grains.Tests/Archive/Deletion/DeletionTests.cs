using System.Globalization;
using Rollbook.Archive;
using Rollbook.Episodes;
using Rollbook.Grains.Tests.Episodes;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Archive.Deletion;

/// <summary>A deleted episode is gone from every read at once, and from every file a while later; the others are as they were.</summary>
public sealed class DeletionTests
{
    // One in a day file, one in a pack, one in the log alone.
    private static readonly int[] Doomed = [1, 3, 5];
    private static readonly int[] Left = [0, 2, 4, 6];

    // 1 = every call is a failure point once, which takes minutes.
    private static readonly int Stride = int.Parse(Environment.GetEnvironmentVariable("ROLLBOOK_DELETION_STRIDE") ?? "7", CultureInfo.InvariantCulture);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Delete_WhereverTheEpisodesLie_TakesThemOutOfEveryReadAtOnce()
    {
        using var subject = await DeletionBench.StartAsync();
        Assert.Equal([0, 1, 2, 3, 4, 5, 6], await subject.ListedAsync());

        var answer = await subject.DeleteAsync(Doomed);

        Assert.Empty(answer.Refused);
        Assert.Equal((3L, 3L * DeletionBench.Steps, null), (answer.Receipt!.Episodes, answer.Receipt.Steps, answer.Receipt.ErasedAt));
        await subject.CheckReadsAsync(Doomed);
        Assert.Equal(Left, await subject.ListedAsync());
        Assert.Equal(Doomed.Select(i => (subject.Keys[i], "w")).ToHashSet(), subject.Silo.Forgotten);
        foreach (var i in Doomed)
        {
            var owner = subject.Silo.Activate(subject.Keys[i]);
            Assert.Equal(RollbookCode.EpisodeDeleted, (await owner.AppendAsync(BenchSilo.Batch(0, 3, $"marker-{i}"))).Code);
            Assert.Equal(RollbookCode.EpisodeDeleted, (await owner.ResumeAsync("w")).Code);
            Assert.Equal(RollbookCode.EpisodeDeleted, (await owner.OpenAsync(BenchSilo.Opening(subject.Keys[i]))).Code);
            Assert.Equal(RollbookCode.EpisodeDeleted, Assert.Single(await owner.ScoreAsync([new ScoreEvent { EventId = "x", Name = "n", Value = 1, Source = "t" }])).Code);
        }
    }

    [Fact]
    public async Task Delete_ThroughAnActivationThatKnowsTheEpisode_IsSeenByIt()
    {
        using var subject = await DeletionBench.StartAsync();
        var knowing = subject.Silo.Activate(subject.Keys[1]);
        Assert.Equal(RollbookCode.Ok, (await knowing.ReadStepsAsync(0, 3, TimeSpan.Zero)).Code);
        var (owner, key) = await subject.Silo.OpenAsync();
        await owner.AppendAsync(BenchSilo.Batch(0, 2));
        await owner.EndAsync(BenchSilo.Completed(2));

        await subject.DeleteAsync(1);
        await subject.Silo.Deletions.DeleteAsync(EpisodeKey.DefaultProject, [new DoomedEpisode(key.Id, 2, false, false)], false, Token);

        Assert.Equal(RollbookCode.EpisodeDeleted, (await knowing.ReadStepsAsync(0, 3, TimeSpan.Zero)).Code);
        Assert.Equal(RollbookCode.EpisodeDeleted, (await owner.ReadAsync()).Code);
    }

    [Fact]
    public async Task Rounds_AfterADeletion_EraseItAndMakeTheReceiptFinalOnlyThen()
    {
        using var subject = await DeletionBench.StartAsync();
        var receipt = (await subject.DeleteAsync(Doomed)).Receipt!.Receipt;
        DeletionReceipt? found = null;

        for (var round = 0; round < 6 && found?.ErasedAt is null; round++)
        {
            await subject.Silo.Rounds.PackOwnAsync(Token);
            subject.Bench.Time.Advance(TimeSpan.FromMinutes(6));
            await subject.Silo.Rounds.CompactAsync(Token);
            found = await subject.Silo.Deletions.FindAsync(EpisodeKey.DefaultProject, receipt, Token);
            Assert.Equal(found!.ErasedAt is null, (await subject.InFilesAsync()).Intersect(Doomed).Any());
        }

        Assert.Equal((3L, 3L * DeletionBench.Steps), (found!.Episodes, found.Steps));
        Assert.NotNull(found.ErasedAt);
        Assert.Equal(Left, await subject.InFilesAsync());
        Assert.Empty((await subject.Bench.ManifestAsync()).Deletions);
        await subject.CheckReadsAsync(Doomed);
        Assert.Equal(Left, await subject.ListedAsync());
    }

    [Fact]
    public async Task Rounds_BeforeEraseSeconds_LeaveADayFileAsItIs()
    {
        using var subject = await DeletionBench.StartAsync();
        subject.Bench.ArchiveOptions.EraseSeconds = 86_400;
        var receipt = (await subject.DeleteAsync(1)).Receipt!.Receipt;

        await subject.RoundsAsync();
        Assert.Contains(1, await subject.InFilesAsync());
        Assert.Null((await subject.Silo.Deletions.FindAsync(EpisodeKey.DefaultProject, receipt, Token))!.ErasedAt);
        subject.Bench.Time.Advance(TimeSpan.FromDays(1));
        await subject.RoundsAsync();

        Assert.DoesNotContain(1, await subject.InFilesAsync());
        Assert.NotNull((await subject.Silo.Deletions.FindAsync(EpisodeKey.DefaultProject, receipt, Token))!.ErasedAt);
    }

    [Fact]
    public async Task Delete_OfAllEpisodesOfAPack_LeavesNoFileOfIt()
    {
        using var subject = await DeletionBench.StartAsync();
        await subject.DeleteAsync(0, 1, 2);

        await subject.RoundsAsync();

        Assert.Equal([3, 4, 5, 6], await subject.InFilesAsync());
        await subject.CheckReadsAsync(0, 1, 2);
    }

    [Fact]
    public async Task Delete_Twice_GivesTheSameReceiptWhileItIsPending()
    {
        using var subject = await DeletionBench.StartAsync();
        var first = await subject.DeleteAsync(Doomed);

        Assert.Equal(first.Receipt, (await subject.DeleteAsync(Doomed)).Receipt);
        Assert.Equal([(subject.Keys[1].Id, RollbookCode.EpisodeDeleted)], (await subject.DeleteAsync(0, 1)).Refused);
        Assert.Equal(2, (await subject.Bench.ManifestAsync()).Deletions.Count);
    }

    [Fact]
    public async Task Delete_OfARunningEpisode_IsRefusedUnlessItMayBeAborted()
    {
        using var subject = await DeletionBench.StartAsync();
        var (owner, key) = await subject.Silo.OpenAsync();
        await owner.AppendAsync(BenchSilo.Batch(0, 5));
        DoomedEpisode[] running = [new(key.Id, 5, true, false)];

        Assert.Equal([(key.Id, RollbookCode.EpisodeRunning)], (await subject.Silo.Deletions.DeleteAsync(EpisodeKey.DefaultProject, running, false, Token)).Refused);
        // Seen as ended, and resumed since: the look after the stop counts.
        var behind = await subject.Silo.Deletions.DeleteAsync(EpisodeKey.DefaultProject, [running[0] with { Running = false }], false, Token);
        Assert.Equal((null, RollbookCode.EpisodeRunning), (behind.Receipt, Assert.Single(behind.Refused).Code));
        Assert.Empty((await subject.Bench.ManifestAsync()).Deletions);
        Assert.Equal(8, (await subject.Silo.Activate(key).AppendAsync(BenchSilo.Batch(5, 3))).NextOrdinal);

        Assert.Empty((await subject.Silo.Deletions.DeleteAsync(EpisodeKey.DefaultProject, running, true, Token)).Refused);
        Assert.Equal(RollbookCode.EpisodeDeleted, (await subject.Silo.Activate(key).ReadAsync()).Code);
    }

    [Fact]
    public async Task Delete_OfAPinnedEpisode_IsRefusedAndTheOthersGo()
    {
        using var subject = await DeletionBench.StartAsync();
        await subject.Silo.Activate(subject.Keys[3]).LabelAsync(new LabelEvent { EventId = "p", Add = ["pinned"], Remove = ["kept"] });

        var answer = await subject.DeleteAsync(1, 3);

        Assert.Equal([(subject.Keys[3].Id, RollbookCode.EpisodePinned)], answer.Refused);
        Assert.Equal(1, answer.Receipt!.Episodes);
        Assert.Equal(RollbookCode.Ok, (await subject.Silo.Activate(subject.Keys[3]).ReadAsync()).Code);
        Assert.Equal([0, 2, 3, 4, 5, 6], await subject.ListedAsync());
    }

    /// <summary>The failure point walks through the deletion and the rounds after it; another process takes over, and the caller sends its request again.</summary>
    [Fact]
    public async Task Delete_WhereverItCrashes_EndsTheSame()
    {
        var crashes = 0;
        for (var calls = 0; ; calls += Stride)
        {
            using var subject = await DeletionBench.StartAsync();
            subject.Bench.Faults.FailAfter(calls);
            var struck = false;
            try
            {
                await subject.DeleteAsync(Doomed);
                await subject.RoundsAsync();
            }
            catch (Exception cut) when (subject.Bench.Faults.Struck && cut is IOException or AggregateException)
            {
                struck = true;
                crashes++;
            }

            await subject.RestartAsync();
            await subject.RoundsAsync();
            var again = await subject.DeleteAsync(Doomed);
            Assert.All(again.Refused, static r => Assert.Equal(RollbookCode.EpisodeDeleted, r.Code));
            await subject.RoundsAsync();

            await subject.CheckReadsAsync(Doomed);
            Assert.Equal(Left, await subject.InFilesAsync());
            Assert.Empty((await subject.Bench.ManifestAsync()).Deletions);
            if (!struck) break;
        }

        Assert.True(crashes * Stride > 60, $"only {crashes} failure points");
    }
}

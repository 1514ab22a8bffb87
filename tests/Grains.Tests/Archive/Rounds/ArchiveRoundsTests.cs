using Rollbook.Archive;
using Rollbook.Episodes;
using Rollbook.Grains.Tests.Episodes;
using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Archive.Rounds;

/// <summary>What is packed, freed and sealed reads like what was recorded.</summary>
public sealed class ArchiveRoundsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PackOwn_OfARunningAndAnEndedEpisode_PublishesTheStepsOfBothAndTheRowOfOne()
    {
        var bench = new RecorderBench();
        var silo = await bench.StartAsync();
        var (running, _) = await silo.OpenAsync();
        await running.AppendAsync(BenchSilo.Batch(0, 3));
        var (ended, key) = await silo.OpenAsync();
        await ended.AppendAsync(BenchSilo.Batch(0, 4));
        await ended.EndAsync(BenchSilo.Completed(4));

        await silo.Rounds.PackOwnAsync(Token);

        var pack = Assert.Single((await bench.ManifestAsync()).Packs);
        Assert.Equal((7L, 1L, 0L), (pack.Steps!.Rows, pack.Episodes!.Rows, pack.Scores?.Rows ?? 0));
        var row = Assert.Single(await bench.RowsAsync(pack.Episodes));
        Assert.Equal((key, EpisodeStatus.Completed, 4L), (row.Record.Key, row.Record.Status, row.Record.StepCount));
    }

    [Fact]
    public async Task PackOwn_WithNothingNew_PublishesNothing()
    {
        var bench = new RecorderBench();
        var silo = await bench.StartAsync();
        var (owner, _) = await silo.OpenAsync();
        await owner.AppendAsync(BenchSilo.Batch(0, 3));
        await silo.Rounds.PackOwnAsync(Token);

        await silo.Rounds.PackOwnAsync(Token);

        Assert.Equal(1, (await bench.ManifestAsync()).Version);
    }

    [Fact]
    public async Task PackStretch_OfALogOfManyStretches_FreesAndCountsBeforeItsEnd()
    {
        var bench = new RecorderBench();
        bench.ArchiveOptions.PackBytes = 8 << 10;
        var silo = await bench.StartAsync();
        var (owner, _) = await silo.OpenAsync();
        for (var at = 0; at < 2000; at += 50) await owner.AppendAsync(BenchSilo.Batch(at, 50));
        var before = silo.Rounds.BacklogBytes;

        await silo.Rounds.PackStretchAsync(Token);

        // The mark that was set before it lies at the log's end.
        Assert.Equal(before, silo.Rounds.BacklogBytes);
        var first = Assert.Single((await bench.ManifestAsync()).Packs).Steps!.Rows;
        Assert.InRange(first, 1, 1999);
        // Freeing costs too much for each.
        for (var i = 1; i < 8; i++) await silo.Rounds.PackStretchAsync(Token);
        var trimmed = (await bench.Registry.ReadAsync(silo.Log.Id, Token))!.TrimmedTo;
        Assert.True(trimmed > 0 && silo.Rounds.Due, "it is packed to its end, or nothing was freed");

        while (silo.Rounds.Due) await silo.Rounds.PackStretchAsync(Token);
        Assert.Equal(0, silo.Rounds.BacklogBytes);
        Assert.Equal(TestSteps.Lines(TestSteps.Range("s", 0, 2000)), await LinesAsync(owner, 2000));
    }

    [Fact]
    public async Task PackOwn_WhenTheLogRolled_FreesSegmentsAndEveryStepIsReadFromPacks()
    {
        var bench = new RecorderBench();
        var silo = await bench.StartAsync();
        var (owner, _) = await silo.OpenAsync();
        for (var at = 0; at < 2000; at += 50) await owner.AppendAsync(BenchSilo.Batch(at, 50));

        await silo.Rounds.PackOwnAsync(Token);

        Assert.True((await bench.Registry.ReadAsync(silo.Log.Id, Token))!.TrimmedTo > 0, "nothing was freed");
        await Assert.ThrowsAsync<ChunkTrimmedException>(async () => await bench.Storage.ReadAsync(silo.Log.Id, 0, 1, Token).ToListAsync(Token));
        Assert.Equal(TestSteps.Lines(TestSteps.Range("s", 0, 2000)), await LinesAsync(owner, 2000));
        var repeat = await owner.AppendAsync(BenchSilo.Batch(0, 50));
        Assert.Equal((RollbookCode.Ok, 50), (repeat.Code, repeat.Duplicates));
        Assert.Equal(RollbookCode.OrdinalConflict, (await owner.AppendAsync(BenchSilo.Batch(10, 50, "other"))).Code);
    }

    [Fact]
    public async Task PackDead_OfALogThatIsRecovered_FreesItWholeAndItsEpisodesReadOn()
    {
        var bench = new RecorderBench();
        var dead = await bench.StartAsync();
        var (unfinished, key) = await dead.OpenAsync();
        await unfinished.AppendAsync(BenchSilo.Batch(0, 120));
        var (ended, other) = await dead.OpenAsync();
        await ended.AppendAsync(BenchSilo.Batch(0, 30));
        await ended.EndAsync(BenchSilo.Completed(30, 0.25));
        bench.Kill(dead);
        var silo = await bench.StartAsync();
        await bench.RecoverAsync(silo);

        Assert.Equal(0, await silo.Rounds.PackDeadAsync(Token));

        Assert.Equal(LogState.Trimmed, (await bench.Registry.ReadAsync(dead.Log.Id, Token))!.State);
        var owner = silo.Activate(key);
        Assert.Equal(120, (await owner.AppendAsync(BenchSilo.Batch(100, 21))).NextOrdinal - 1);
        Assert.Equal(TestSteps.Lines(TestSteps.Range("s", 0, 121)), await LinesAsync(owner, 121));
        var over = silo.Activate(other);
        Assert.Equal((EpisodeStatus.Completed, 0.25), ((await over.ReadAsync()).Record!.Status, (await over.ReadAsync()).Record!.FinalScore));
        Assert.Equal(TestSteps.Lines(TestSteps.Range("s", 0, 30)), await LinesAsync(over, 30));
    }

    [Fact]
    public async Task Compact_OfEndedEpisodes_SealsEachWholeIntoItsDay()
    {
        var bench = new RecorderBench();
        var silo = await bench.StartAsync();
        var keys = new List<EpisodeKey>();
        for (var i = 0; i < 5; i++)
        {
            var (owner, key) = await silo.OpenAsync();
            keys.Add(key);
            await owner.AppendAsync(BenchSilo.Batch(0, 10, $"e{i}"));
            await silo.Rounds.PackOwnAsync(Token);
            await owner.AppendAsync(BenchSilo.Batch(10, 10, $"e{i}"));
            if (i < 4) await owner.EndAsync(BenchSilo.Completed(20, i));
        }

        await silo.Activate(keys[1]).ScoreAsync([Score("a", 0.75)]);
        await silo.Rounds.PackOwnAsync(Token);
        bench.Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(4, await silo.Rounds.CompactAsync(Token));

        var manifest = await bench.ManifestAsync();
        var day = Assert.Single(manifest.Packs, static p => p.Day is not null);
        Assert.Equal((80L, 4L, 1L), (day.Steps!.Rows, day.Episodes!.Rows, day.Scores!.Rows));
        Assert.Equal(20, Assert.Single(manifest.Packs, static p => p.Day is null).Steps!.Rows);
        for (var i = 0; i < 5; i++)
        {
            var owner = silo.Activate(keys[i]);
            Assert.Equal(TestSteps.Lines(TestSteps.Range($"e{i}", 0, 20)), await LinesAsync(owner, 20));
            Assert.Equal(i < 4 ? EpisodeStatus.Completed : EpisodeStatus.Running, (await owner.ReadAsync()).Record!.Status);
            Assert.Equal(i < 4 ? HeaderState.Archived : HeaderState.Open, (await bench.Headers.ReadAsync(keys[i], Token))!.State);
        }

        Assert.Equal([0.0, 0.75, 2.0, 3.0], (await bench.RowsAsync(day.Episodes)).Select(static r => r.Record.FinalScore!.Value));
        Assert.Equal("a", Assert.Single((await silo.Activate(keys[1]).ReadScoresAsync(0, 10)).Scores).EventId);
    }

    [Fact]
    public async Task Compact_WhenASealedEpisodeIsScoredAndRepeated_AddsTheScoreAndAnswersTheRepeat()
    {
        var bench = new RecorderBench();
        var silo = await bench.StartAsync();
        var (owner, key) = await silo.OpenAsync();
        await owner.AppendAsync(BenchSilo.Batch(0, 300));
        await owner.EndAsync(BenchSilo.Completed(300, 0.5));
        await silo.Rounds.PackOwnAsync(Token);
        bench.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, await silo.Rounds.CompactAsync(Token));

        var late = silo.Activate(key);
        Assert.Equal(RollbookCode.Ok, Assert.Single(await late.ScoreAsync([Score("late", 0.125)])).Code);
        Assert.True(Assert.Single(await silo.Activate(key).ScoreAsync([Score("late", 0.125)])).Duplicate);
        Assert.Equal(300, (await silo.Activate(key).AppendAsync(BenchSilo.Batch(0, 300))).Duplicates);
        Assert.Equal(RollbookCode.EpisodeEnded, (await silo.Activate(key).AppendAsync(BenchSilo.Batch(300, 1))).Code);
        Assert.Equal(RollbookCode.OrdinalConflict, (await silo.Activate(key).AppendAsync(BenchSilo.Batch(7, 1, "other"))).Code);
        Assert.Equal(0.125, (await silo.Activate(key).ReadAsync()).Record!.FinalScore);
        Assert.Equal(TestSteps.Lines(TestSteps.Range("s", 0, 300)), await LinesAsync(silo.Activate(key), 300));
        await silo.Rounds.PackOwnAsync(Token);
        bench.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, await silo.Rounds.CompactAsync(Token));
        Assert.Equal(0.125, (await silo.Activate(key).ReadAsync()).Record!.FinalScore);
    }

    [Fact]
    public async Task Compact_OfALostEpisode_WaitsForADayAndThenRefusesTheResume()
    {
        var bench = new RecorderBench();
        var silo = await bench.StartAsync();
        var (owner, key) = await silo.OpenAsync();
        await owner.AppendAsync(BenchSilo.Batch(0, 3));
        await owner.EndAsync(new EndEpisode { Status = EpisodeStatus.Lost, Cause = "silent" });
        await silo.Rounds.PackOwnAsync(Token);
        bench.Time.Advance(TimeSpan.FromHours(23));
        Assert.Equal(0, await silo.Rounds.CompactAsync(Token));
        bench.Time.Advance(TimeSpan.FromHours(2));

        Assert.Equal(1, await silo.Rounds.CompactAsync(Token));

        Assert.Equal(RollbookCode.EpisodeEnded, (await silo.Activate(key).ResumeAsync("w")).Code);
        Assert.Equal(EpisodeStatus.Lost, (await silo.Activate(key).ReadAsync()).Record!.Status);
    }

    [Fact]
    public async Task Read_ThroughAnActivationThatIsOlderThanTheSeal_GoesOnFromTheDay()
    {
        var bench = new RecorderBench();
        var silo = await bench.StartAsync();
        var (owner, key) = await silo.OpenAsync();
        for (var at = 0; at < 2000; at += 50) await owner.AppendAsync(BenchSilo.Batch(at, 50));
        await owner.EndAsync(BenchSilo.Completed(2000));
        var older = silo.Activate(key);
        owner.Leave();
        await older.ReadStepsAsync(0, 10, TimeSpan.Zero);
        await silo.Rounds.PackOwnAsync(Token);
        bench.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, await silo.Rounds.CompactAsync(Token));
        bench.Time.Advance(TimeSpan.FromHours(1));
        await silo.Rounds.CompactAsync(Token);

        Assert.Equal(TestSteps.Lines(TestSteps.Range("s", 0, 2000)), await LinesAsync(older, 2000));
    }

    [Fact]
    public async Task Compact_AfterTheGrace_DeletesWhatItReplacedAndPrunesTheIndexes()
    {
        var bench = new RecorderBench();
        var silo = await bench.StartAsync();
        var (running, other) = await silo.OpenAsync();
        var (owner, key) = await silo.OpenAsync();
        for (var at = 0; at < 2000; at += 50)
        {
            await owner.AppendAsync(BenchSilo.Batch(at, 50));
            await running.AppendAsync(BenchSilo.Batch(at, 50, "r"));
        }

        await owner.EndAsync(BenchSilo.Completed(2000));
        await silo.Rounds.PackOwnAsync(Token);
        bench.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, await silo.Rounds.CompactAsync(Token));
        var replaced = (await bench.ManifestAsync()).Dropped;
        Assert.NotEmpty(replaced);
        Assert.NotEmpty(await bench.IndexedAsync(silo.Log.Id, key));
        bench.Time.Advance(Janitor.Grace * 2);
        await silo.Rounds.CompactAsync(Token);

        foreach (var file in replaced) Assert.Null(await bench.Archive.OpenAsync(file.Name, Token));
        Assert.Empty((await bench.ManifestAsync()).Dropped);
        Assert.Empty(await bench.IndexedAsync(silo.Log.Id, key));
        Assert.NotEmpty(await bench.IndexedAsync(silo.Log.Id, other));
        Assert.Equal(TestSteps.Lines(TestSteps.Range("s", 0, 2000)), await LinesAsync(silo.Activate(key), 2000));
        Assert.Equal(TestSteps.Lines(TestSteps.Range("r", 0, 2000)), await LinesAsync(running, 2000));
    }

    private static ScoreEvent Score(string id, double value) => new() { EventId = id, Name = ScoreEvent.Final, Value = value, Source = "test" };

    private static async Task<List<string>> LinesAsync(EpisodeOwner owner, int count)
    {
        var lines = new List<string>();
        while (lines.Count < count)
        {
            var page = await owner.ReadStepsAsync(lines.Count, count, TimeSpan.Zero);
            Assert.Equal(RollbookCode.Ok, page.Code);
            Assert.True(page.Steps.Count > 0, $"no step at {lines.Count}");
            lines.AddRange(TestSteps.Lines(page.Steps));
        }

        return lines;
    }
}

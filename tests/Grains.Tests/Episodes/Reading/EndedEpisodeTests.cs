using Rollbook.Episodes;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Episodes.Reading;

/// <summary>Reading what has ended without its activation, wherever it lies.</summary>
public sealed class EndedEpisodeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Find_OfARunningEpisode_LeavesItToItsOwner()
    {
        var bench = new RecorderBench();
        var silo = await bench.StartAsync();
        var (owner, key) = await silo.OpenAsync();
        await owner.AppendAsync(BenchSilo.Batch(0, 3));

        Assert.Null(await EndedEpisode.FindAsync(silo.Core, key, Token));
        Assert.Null(await EndedEpisode.FindAsync(silo.Core, bench.NewKey(), Token));
    }

    [Fact]
    public async Task Read_FromLogPackAndDay_GivesTheSame()
    {
        var bench = new RecorderBench();
        var silo = await bench.StartAsync();
        var (owner, key) = await silo.OpenAsync();
        for (var at = 0; at < 2000; at += 50) await owner.AppendAsync(BenchSilo.Batch(at, 50));
        await owner.EndAsync(BenchSilo.Completed(2000, 0.5));
        await owner.ScoreAsync([Score("a", 0.75)]);
        owner.Leave();

        var older = await CheckAsync(silo, key);
        await silo.Rounds.PackOwnAsync(Token);
        await CheckAsync(silo, key);
        bench.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, await silo.Rounds.CompactAsync(Token));
        await CheckAsync(silo, key);
        bench.Time.Advance(TimeSpan.FromHours(1));
        await silo.Rounds.CompactAsync(Token);

        // Found before the episode was sealed: its packs are gone, and the header says where it went.
        Assert.Equal(TestSteps.Lines(TestSteps.Range("s", 0, 2000)), await LinesAsync(older, 2000));
        Assert.Equal("a", Assert.Single((await older.ReadScoresAsync(0, 10, Token)).Scores).EventId);
    }

    [Fact]
    public async Task Find_AfterAScore_ShowsIt()
    {
        var bench = new RecorderBench();
        var silo = await bench.StartAsync();
        var (owner, key) = await silo.OpenAsync();
        await owner.AppendAsync(BenchSilo.Batch(0, 30));
        await owner.EndAsync(BenchSilo.Completed(30, 0.5));
        owner.Leave();
        await silo.Rounds.PackOwnAsync(Token);
        bench.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, await silo.Rounds.CompactAsync(Token));
        Assert.Equal(0.5, (await EndedEpisode.FindAsync(silo.Core, key, Token))!.View.Record!.FinalScore);

        var late = silo.Activate(key);
        Assert.Equal(RollbookCode.Ok, Assert.Single(await late.ScoreAsync([Score("late", 0.125)])).Code);

        // Whoever holds a claim is asked; once it has left, the log tells.
        Assert.Null(await EndedEpisode.FindAsync(silo.Core, key, Token));
        late.Leave();
        var found = (await EndedEpisode.FindAsync(silo.Core, key, Token))!;
        Assert.Equal((0.125, 1), (found.View.Record!.FinalScore, found.View.Record.ScoreCount));
        Assert.Equal("late", Assert.Single((await found.ReadScoresAsync(0, 10, Token)).Scores).EventId);
        Assert.Equal(TestSteps.Lines(TestSteps.Range("s", 0, 30)), await LinesAsync(found, 30));
    }

    [Fact]
    public async Task Read_BehindTheEnd_IsEmptyAndTheEnd()
    {
        var bench = new RecorderBench();
        var silo = await bench.StartAsync();
        var (owner, key) = await silo.OpenAsync();
        await owner.AppendAsync(BenchSilo.Batch(0, 3));
        await owner.EndAsync(BenchSilo.Completed(3));
        owner.Leave();
        var found = (await EndedEpisode.FindAsync(silo.Core, key, Token))!;

        Assert.Equal((RollbookCode.Ok, 0, true), await ShapeAsync(3));
        Assert.Equal((RollbookCode.Ok, 1, true), await ShapeAsync(2));
        Assert.Equal((RollbookCode.Ok, 2, false), await ShapeAsync(0, 2));

        async Task<(RollbookCode, int, bool)> ShapeAsync(long from, int most = 100)
        {
            var page = await found.ReadStepsAsync(from, most, Token);
            return (page.Code, page.Steps.Count, page.Ended);
        }
    }

    [Fact]
    public async Task Read_BehindATornChunkOfTheLog_SaysThatItIsDamaged()
    {
        var bench = new RecorderBench();
        var silo = await bench.StartAsync();
        var (owner, key) = await silo.OpenAsync();
        await owner.AppendAsync(BenchSilo.Batch(0, 2));
        var torn = silo.Log.DurableEnd;
        await owner.AppendAsync(BenchSilo.Batch(2, 1));
        await owner.ScoreAsync([Score("a", 0.75)]);
        await owner.EndAsync(BenchSilo.Completed(3));
        owner.Leave();
        var found = (await EndedEpisode.FindAsync(silo.Core, key, Token))!;
        bench.Storage.Torn.Add(torn);
        bench.Storage.Torn.Add(torn + 1);

        var told = $"The log {silo.Log.Id} is damaged at chunk {torn}";
        var page = await found.ReadStepsAsync(0, 10, Token);
        Assert.Equal((RollbookCode.Damaged, 2, told), (page.Code, page.Steps.Count, page.Damage));
        Assert.Equal(RollbookCode.Damaged, (await found.ReadScoresAsync(0, 10, Token)).Code);
        page = await silo.Activate(key).ReadStepsAsync(0, 10, TimeSpan.Zero);
        Assert.Equal((RollbookCode.Damaged, 2, told), (page.Code, page.Steps.Count, page.Damage));
        Assert.Equal(RollbookCode.Damaged, (await silo.Activate(key).ReadScoresAsync(0, 10)).Code);
    }

    [Fact]
    public async Task Read_WhenTheEndingIsTorn_TellsWhereTheDamageIs()
    {
        var bench = new RecorderBench();
        var silo = await bench.StartAsync();
        var (owner, key) = await silo.OpenAsync();
        await owner.AppendAsync(BenchSilo.Batch(0, 3));
        var torn = silo.Log.DurableEnd;
        await owner.EndAsync(BenchSilo.Completed(3));
        owner.Leave();
        bench.Storage.Torn.Add(torn);

        Assert.Null(await EndedEpisode.FindAsync(silo.Core, key, Token));
        var told = $"The log {silo.Log.Id} is damaged at chunk {torn}";
        var view = await silo.Activate(key).ReadAsync();
        Assert.Equal((RollbookCode.Damaged, told), (view.Code, view.Damage));
        var page = await silo.Activate(key).ReadStepsAsync(0, 10, TimeSpan.Zero);
        Assert.Equal((RollbookCode.Damaged, told), (page.Code, page.Damage));
        var scores = await silo.Activate(key).ReadScoresAsync(0, 10);
        Assert.Equal((RollbookCode.Damaged, told), (scores.Code, scores.Damage));
    }

    private static ScoreEvent Score(string id, double value) => new() { EventId = id, Name = ScoreEvent.Final, Value = value, Source = "test" };

    private static async Task<EndedEpisode> CheckAsync(BenchSilo silo, EpisodeKey key)
    {
        var found = await EndedEpisode.FindAsync(silo.Core, key, Token);
        Assert.NotNull(found);
        var record = found.View.Record!;
        Assert.Equal((EpisodeStatus.Completed, 0.75, 2000L, 1), (record.Status, record.FinalScore, record.StepCount, record.ScoreCount));
        Assert.Equal(TestSteps.Lines(TestSteps.Range("s", 0, 2000)), await LinesAsync(found, 2000));
        Assert.Equal("a", Assert.Single((await found.ReadScoresAsync(0, 10, Token)).Scores).EventId);
        return found;
    }

    private static async Task<List<string>> LinesAsync(EndedEpisode episode, int count)
    {
        var lines = new List<string>();
        while (lines.Count < count)
        {
            var page = await episode.ReadStepsAsync(lines.Count, count, Token);
            Assert.Equal(RollbookCode.Ok, page.Code);
            Assert.True(page.Steps.Count > 0, $"no step at {lines.Count}");
            lines.AddRange(TestSteps.Lines(page.Steps));
            Assert.Equal(lines.Count >= count, page.Ended);
        }

        return lines;
    }
}

using Rollbook.Episodes;
using Rollbook.Testing;
using Xunit;
using static Rollbook.Grains.Tests.Episodes.BenchSilo;

namespace Rollbook.Grains.Tests.Episodes;

public sealed class EpisodeOwnerScoreTests
{
    private readonly RecorderBench bench = new();

    [Fact]
    public async Task Score_WhileStepsAreInFlight_TakesItsPlaceAmongThem()
    {
        var (owner, _) = await (await bench.StartAsync()).OpenAsync();
        var first = owner.AppendAsync(Batch(0, 2)).AsTask();
        var score = owner.ScoreAsync([Final("a", 0.25)]).AsTask();
        var second = owner.AppendAsync(Batch(2, 2)).AsTask();

        Assert.Equal(new ScoreReply(RollbookCode.Ok, false, 0.25), Assert.Single(await score));
        Assert.Equal((2L, 4L), ((await first).NextOrdinal, (await second).NextOrdinal));
        Assert.Equal(RollbookCode.Ok, (await owner.EndAsync(Completed(4, score: 0.5))).Code);
        var record = (await owner.ReadAsync()).Record!;
        Assert.Equal((0.25, 0.5, 1, 4L), (record.FinalScore, record.ReportedScore, record.ScoreCount, record.StepCount));
        Assert.Equal(4, (await owner.ReadStepsAsync(0, 100, TimeSpan.Zero)).Steps.Count);
    }

    [Fact]
    public async Task Score_SentAgain_IsADuplicateAndWithAnotherBodyAConflict()
    {
        var (owner, _) = await (await bench.StartAsync()).OpenAsync();
        await owner.ScoreAsync([Final("a", 0.25)]);

        var replies = await owner.ScoreAsync([Final("a", 0.25), Final("a", 0.5), Final("b", 1), Final("b", 1), Final("a", 0.25) with { Rationale = "why" }]);

        Assert.Equal(
            [
                new ScoreReply(RollbookCode.Ok, true, 1), new ScoreReply(RollbookCode.ScoreConflict, false, null), new ScoreReply(RollbookCode.Ok, false, 1),
                new ScoreReply(RollbookCode.Ok, true, 1), new ScoreReply(RollbookCode.ScoreConflict, false, null),
            ],
            replies);
        Assert.Equal(RollbookCode.ScoreConflict, (await owner.LabelAsync(new LabelEvent { EventId = "a", Add = ["pinned"] })).Code);
        Assert.Equal(["a", "b"], (await owner.ReadScoresAsync(0, 100)).Scores.Select(static s => s.EventId));
    }

    [Fact]
    public async Task Score_OfOtherNamesAndOfNull_MovesTheFinalScoreAsItSays()
    {
        var (owner, _) = await (await bench.StartAsync()).OpenAsync();
        await owner.EndAsync(Completed(0, score: 0.5));

        Assert.Equal(0.5, (await owner.ScoreAsync([Final("a", 0.9) with { Name = "style" }]))[0].FinalScore);
        Assert.Null((await owner.ScoreAsync([Final("b", null)]))[0].FinalScore);
        Assert.Null((await owner.ReadAsync()).Record!.FinalScore);
        Assert.Equal(double.NegativeInfinity, (await owner.ScoreAsync([Final("c", double.NegativeInfinity)]))[0].FinalScore);
        // The oldest time, and yet the newest event.
        Assert.Equal(0.125, (await owner.ScoreAsync([Final("d", 0.125) with { Time = -5 }]))[0].FinalScore);
        Assert.Equal(0.5, (await owner.ReadAsync()).Record!.ReportedScore);
    }

    [Fact]
    public async Task Score_OfAnEndedEpisodeThatNobodyHolds_ClaimsItAndLeavesItEnded()
    {
        var silo = await bench.StartAsync();
        var (first, key) = await silo.OpenAsync();
        await first.AppendAsync(Batch(0, 3));
        var ended = await first.EndAsync(Completed(3));
        first.Leave();

        var second = silo.Activate(key);
        Assert.Equal(new ScoreReply(RollbookCode.Ok, false, 1), (await second.ScoreAsync([Final("a", 1)]))[0]);

        Assert.True(second.Finished);
        Assert.Equal(RollbookCode.EpisodeEnded, (await second.AppendAsync(Batch(3, 1))).Code);
        Assert.Equal(new AppendReply(RollbookCode.Ok, 3, 1), await second.AppendAsync(Batch(2, 1)));
        Assert.Equal(RollbookCode.EpisodeEnded, await second.HeartbeatAsync(null));
        Assert.Equal(RollbookCode.Ok, (await second.EndAsync(Completed(3))).Code);
        for (var i = 0; i < 100; i++) bench.Time.Advance(TimeSpan.FromSeconds(1));
        await second.CheckDeadlineAsync();
        Assert.Equal(ended.Record!.Status, (await second.ReadAsync()).Record!.Status);
        second.Leave();
        Assert.Null(silo.Log.Find(key));
        // Found by its frames, without a claim: the ending in the newest term's start frame, the score behind it.
        var third = silo.Activate(key);
        Assert.Equal(1, (await third.ReadAsync()).Record!.FinalScore);
        Assert.Equal(new ScoreReply(RollbookCode.Ok, true, 1), (await third.ScoreAsync([Final("a", 1)]))[0]);
        Assert.Equal(RollbookCode.ScoreConflict, (await third.ScoreAsync([Final("a", 2)]))[0].Code);
        Assert.Null(silo.Log.Find(key));
        Assert.Equal(3, (await third.ReadStepsAsync(0, 9, TimeSpan.Zero)).Steps.Count);
    }

    [Fact]
    public async Task Score_ByTwoCallsAtOnceOfAnEpisodeThatNobodyHolds_ClaimsItOnce()
    {
        var silo = await bench.StartAsync();
        var (first, key) = await silo.OpenAsync();
        await first.EndAsync(Completed(0));
        first.Leave();
        var owner = silo.Activate(key);
        await owner.ReadAsync();

        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => owner.ScoreAsync([Final($"e{i}", i)]).AsTask()));

        Assert.All(replies, static r => Assert.Equal(RollbookCode.Ok, r[0].Code));
        Assert.Equal(2, Assert.Single(bench.Headers.Snapshot()).Term);
        Assert.Equal(20, (await owner.ReadAsync()).Record!.ScoreCount);
    }

    [Fact]
    public async Task Score_OfALostEpisodeAfterAnUncleanStop_StaysThroughRecoveryAndResume()
    {
        var one = await bench.StartAsync();
        var (owner, key) = await one.OpenAsync();
        await owner.AppendAsync(Batch(0, 2));
        await owner.ScoreAsync([Final("early", 0.25)]);
        await owner.EndAsync(new EndEpisode { Status = EpisodeStatus.Lost });
        bench.Kill(one);

        var two = await bench.StartAsync();
        Assert.Equal(0.75, (await two.Activate(key).ScoreAsync([Final("late", 0.75)]))[0].FinalScore);
        bench.Kill(two);
        var three = await bench.StartAsync();
        await three.Recovery.FenceDeadAsync(three.Log.Id, bench, CancellationToken.None);
        Assert.Equal(0, await three.Recovery.RoundAsync(three.Log.Id, static _ => throw new InvalidOperationException("an ended episode was woken"), CancellationToken.None));

        var last = three.Activate(key);
        var record = (await last.ReadAsync()).Record!;
        Assert.Equal((EpisodeStatus.Lost, 0.75, null, 2), (record.Status, record.FinalScore, record.ReportedScore, record.ScoreCount));
        Assert.Equal(["early", "late"], (await last.ReadScoresAsync(0, 100)).Scores.Select(static s => s.EventId));
        var resumed = await last.ResumeAsync("w2");
        Assert.Equal((RollbookCode.Ok, 0.75, 2L), (resumed.Code, resumed.Record!.FinalScore, resumed.NextOrdinal));
        Assert.True((await last.ScoreAsync([Final("early", 0.25)]))[0].Duplicate);
        Assert.Equal(RollbookCode.Ok, (await last.AppendAsync(Batch(2, 1))).Code);
    }

    [Fact]
    public async Task Score_BehindRollsOfTheSegment_IsKeptByTheOwnedFrames()
    {
        var small = new RecorderBench(segmentBytes: 4096);
        var one = await small.StartAsync();
        var (owner, key) = await one.OpenAsync();
        await owner.ScoreAsync([Final("a", 0.25)]);
        await owner.LabelAsync(new LabelEvent { EventId = "l", Add = ["pinned"] });
        var other = (await one.OpenAsync()).Owner;
        for (var i = 0; i < 60; i++) await other.AppendAsync(Batch(i, 1));
        small.Kill(one);

        var again = (await small.StartAsync()).Activate(key);

        var replies = await again.ScoreAsync([Final("a", 0.25), Final("b", 0.5)]);
        Assert.Equal([new ScoreReply(RollbookCode.Ok, true, 0.5), new ScoreReply(RollbookCode.Ok, false, 0.5)], replies);
        Assert.Equal(["pinned"], (await again.ReadAsync()).Record!.Labels);
        Assert.Equal(["a", "b"], (await again.ReadScoresAsync(0, 100)).Scores.Select(static s => s.EventId));
    }

    [Fact]
    public async Task ReadSteps_WithMoreScoresBetweenThemThanAPageOfFrames_ReadsThemAll()
    {
        var (owner, _) = await (await bench.StartAsync()).OpenAsync();
        await owner.AppendAsync(Batch(0, 2));
        await owner.ScoreAsync([.. Enumerable.Range(0, 3000).Select(i => Final($"e{i}", i))]);
        await owner.AppendAsync(Batch(2, 2));

        Assert.Equal(4, (await owner.ReadStepsAsync(0, 100, TimeSpan.Zero)).Steps.Count);
        var page = await owner.ReadScoresAsync(2990, 100);
        Assert.Equal((RollbookCode.Ok, 2990, 10), (page.Code, page.From, page.Scores.Count));
        Assert.Equal("e2999", page.Scores[^1].EventId);
        Assert.Equal(bench.Time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0, page.Scores[0].Time);
    }

    [Fact]
    public async Task ReadScores_PageByPage_GivesEachEventWhole()
    {
        var (owner, _) = await (await bench.StartAsync()).OpenAsync();
        var sent = Enumerable.Range(0, 12).Select(i => Final($"e{i}", i % 2 == 0 ? i : null) with
        {
            Name = "n", Source = "ü", Rationale = new string('r', 50_000), Metadata = """{"a": [1.50]}""", Time = i,
        }).ToList();
        foreach (var score in sent) Assert.Equal(RollbookCode.Ok, (await owner.ScoreAsync([score]))[0].Code);

        List<ScoreEvent> read = [];
        while (read.Count < sent.Count)
        {
            var page = await owner.ReadScoresAsync(read.Count, 5);
            Assert.Equal(RollbookCode.Ok, page.Code);
            Assert.InRange(page.Scores.Count, 1, 5);
            read.AddRange(page.Scores);
        }

        Assert.Equal(sent, read);
    }

    [Fact]
    public async Task Score_BeyondTheLimitOfEvents_IsRefusedButARepeatIsNot()
    {
        var (owner, _) = await (await bench.StartAsync()).OpenAsync();
        for (var i = 0; i < EventRules.MaxEvents; i += 1000)
            Assert.All(await owner.ScoreAsync([.. Enumerable.Range(i, 1000).Select(static n => Final($"e{n}", n))]), static r => Assert.Equal(RollbookCode.Ok, r.Code));

        Assert.Equal(RollbookCode.TooManyEvents, (await owner.ScoreAsync([Final("more", 1)]))[0].Code);
        Assert.Equal(RollbookCode.TooManyEvents, (await owner.LabelAsync(new LabelEvent { EventId = "label", Add = ["x"] })).Code);
        Assert.Equal(new ScoreReply(RollbookCode.Ok, true, 9999), (await owner.ScoreAsync([Final("e17", 17)]))[0]);
    }

    [Fact]
    public async Task Score_OfAnActivationThatWasTakenOver_IsNeverRefusedByIt()
    {
        var (one, two) = (await bench.StartAsync(), await bench.StartAsync());
        var (old, key) = await one.OpenAsync();
        await old.EndAsync(Completed(0));
        Assert.Equal(RollbookCode.Ok, (await two.Activate(key).ScoreAsync([Final("a", 1)]))[0].Code);

        Assert.Equal(RollbookCode.Unavailable, (await old.ScoreAsync([Final("a", 2)]))[0].Code);
        Assert.True(old.Deposed);
    }

    [Fact]
    public async Task Read_OfAnEndedEpisodeThatAnotherScoredSince_ShowsTheScore()
    {
        var (one, two) = (await bench.StartAsync(), await bench.StartAsync());
        var (owner, key) = await one.OpenAsync();
        await owner.EndAsync(Completed(0));
        var reader = two.Activate(key);
        Assert.Equal(0.5, (await reader.ReadAsync()).Record!.FinalScore);
        Assert.Equal(RollbookCode.Ok, (await owner.ScoreAsync([Final("a", 0.75)]))[0].Code);
        Assert.Equal(0.75, (await reader.ReadAsync()).Record!.FinalScore);
        owner.Leave();

        Assert.Equal(RollbookCode.Ok, (await one.Activate(key).ScoreAsync([Final("b", 1)]))[0].Code);

        Assert.Equal(1, (await reader.ReadAsync()).Record!.FinalScore);
        Assert.Equal(["a", "b"], (await reader.ReadScoresAsync(0, 9)).Scores.Select(static s => s.EventId));
    }

    [Fact]
    public async Task Reads_WhileANewerScoreIsInFlight_ShowWhatIsAcknowledged()
    {
        var (older, newer) = (new Gate(), new Gate());
        var (owner, _) = await (await bench.StartAsync()).OpenAsync();
        var chunks = 0;
        bench.Storage.BeforeAppend = _ => (chunks++ == 0 ? older : newer).PassAsync();
        older.Close();
        newer.Close();
        var first = owner.ScoreAsync([Final("a", 0.25)]).AsTask();
        await older.ArrivalAsync("the first score");
        var scores = owner.ReadScoresAsync(0, 100).AsTask();
        var record = owner.ReadAsync().AsTask();
        var second = owner.ScoreAsync([Final("b", 0.75)]).AsTask();
        var later = owner.ReadAsync().AsTask();
        older.Open();
        await newer.ArrivalAsync("the second score");

        var page = await scores.WaitAsync(RecorderBench.Patience);
        Assert.Equal((RollbookCode.Ok, "a"), (page.Code, Assert.Single(page.Scores).EventId));
        Assert.Equal(0.25, (await record.WaitAsync(RecorderBench.Patience)).Record!.FinalScore);
        Assert.Equal(0.25, (await first.WaitAsync(RecorderBench.Patience))[0].FinalScore);
        // Asked behind the second score: shown only with it.
        Assert.False(later.IsCompleted);
        Assert.False(second.IsCompleted);
        newer.Open();
        Assert.Equal(0.75, (await later).Record!.FinalScore);
        Assert.Equal(0.75, (await second)[0].FinalScore);
        Assert.Equal(["a", "b"], (await owner.ReadScoresAsync(0, 100)).Scores.Select(static s => s.EventId));
    }

    [Fact]
    public async Task Reads_ManyWhileScoresComeOneAfterAnother_NeverGoBack()
    {
        const int Scores = 200;
        var (owner, _) = await (await bench.StartAsync()).OpenAsync();
        var turns = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
        var acknowledged = 0;
        Task<Task> writes = InTurn(async () =>
        {
            for (var i = 1; i <= Scores; i++)
            {
                Assert.Equal(new ScoreReply(RollbookCode.Ok, false, i), (await owner.ScoreAsync([Final($"e{i}", i)]))[0]);
                acknowledged = i;
            }
        });
        var reads = Enumerable.Range(0, 4).Select(_ => InTurn(async () =>
        {
            for (var seen = 0.0; seen < Scores;)
            {
                var before = acknowledged;
                var record = (await owner.ReadAsync()).Record!;
                Assert.True((record.FinalScore ?? 0) >= Math.Max(seen, before), $"{record.FinalScore} was read behind {seen}, with {before} acknowledged.");
                seen = record.FinalScore ?? 0;
                var page = await owner.ReadScoresAsync(0, Scores);
                Assert.Equal(RollbookCode.Ok, page.Code);
                Assert.InRange(page.Scores.Count, (int)seen, Scores);
                // With nothing in flight the reads are through at once, and the writer would have no turn.
                await Task.Yield();
            }
        }));
        await Task.WhenAll(await Task.WhenAll(reads.Append(writes))).WaitAsync(RecorderBench.Patience);

        // As a grain's turns: one at a time, interleaved at awaits.
        Task<Task> InTurn(Func<Task> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, turns);
    }

    [Fact]
    public async Task ReadScores_OfAnEndedEpisodeThatAnotherScoredSince_ShowsTheScore()
    {
        var (one, two) = (await bench.StartAsync(), await bench.StartAsync());
        var (owner, key) = await one.OpenAsync();
        await owner.EndAsync(Completed(0));
        var reader = two.Activate(key);
        await reader.ReadAsync();
        await owner.ScoreAsync([Final("a", 0.75)]);
        owner.Leave();
        Assert.Equal("a", Assert.Single((await reader.ReadScoresAsync(0, 9)).Scores).EventId);

        await one.Activate(key).ScoreAsync([Final("b", 1)]);

        Assert.Equal(["a", "b"], (await reader.ReadScoresAsync(0, 9)).Scores.Select(static s => s.EventId));
    }

    [Fact]
    public async Task Leave_WithAScoreInFlight_LosesItForNobody()
    {
        var gate = Gated();
        var silo = await bench.StartAsync();
        var (owner, key) = await silo.OpenAsync();
        await owner.EndAsync(Completed(0));
        gate.Close();
        var score = owner.ScoreAsync([Final("a", 1)]).AsTask();
        await gate.ArrivalAsync("the score");

        owner.Leave();
        var next = silo.Activate(key).ReadAsync().AsTask();
        gate.Open();

        Assert.Equal(1, (await next).Record!.FinalScore);
        Assert.Equal(RollbookCode.Ok, (await score)[0].Code);
    }

    [Fact]
    public async Task End_WithAScoreBehindIt_TellsOfNoScoreThatMayNotBeDurable()
    {
        var gate = Gated();
        var (owner, _) = await (await bench.StartAsync()).OpenAsync();
        gate.Close();
        var end = owner.EndAsync(Completed(0, score: 0.5)).AsTask();
        await gate.ArrivalAsync("the ending");
        var score = owner.ScoreAsync([Final("a", 1)]).AsTask();
        gate.Open();

        Assert.Equal(0.5, (await end).Record!.FinalScore);
        Assert.Equal(1, (await score)[0].FinalScore);
    }

    [Fact]
    public async Task Score_OfAnEndedEpisode_IsAcknowledgedOnlyOnceTheWorkerKnows()
    {
        var silo = await bench.StartAsync();
        List<EpisodeRecord> told = [];
        var answer = RollbookCode.Busy;
        var key = bench.NewKey();
        var owner = silo.Activate(key, record =>
        {
            told.Add(record);
            return ValueTask.FromResult(answer);
        });
        await owner.OpenAsync(Opening(key));
        Assert.Equal(RollbookCode.Ok, (await owner.ScoreAsync([Final("while it runs", 0.25)]))[0].Code);
        await owner.EndAsync(Completed(0));
        await owner.ScoreAsync([Final("no final", 0.25) with { Name = "style" }]);
        Assert.Empty(told);

        Assert.Equal(new ScoreReply(RollbookCode.Busy, false, null), (await owner.ScoreAsync([Final("a", 1)]))[0]);
        answer = RollbookCode.Ok;
        Assert.Equal(new ScoreReply(RollbookCode.Ok, true, 1), (await owner.ScoreAsync([Final("a", 1)]))[0]);

        Assert.Equal([(1.0, 3), (1.0, 3)], told.Select(static r => (r.FinalScore!.Value, r.ScoreCount)));
    }

    [Fact]
    public async Task Read_OfAScoredEpisodeByANewActivation_TellsTheWorkerAgain()
    {
        var silo = await bench.StartAsync();
        var (owner, key) = await silo.OpenAsync();
        await owner.EndAsync(Completed(0));
        await owner.ScoreAsync([Final("a", 1)]);
        owner.Leave();
        silo.Told.Clear();

        await silo.Activate(key).ReadAsync();

        Assert.Equal((1.0, 1), (Assert.Single(silo.Told).FinalScore, silo.Told[0].ScoreCount));
    }

    [Fact]
    public async Task Label_SetAndTakenAway_LeavesTheSortedRest()
    {
        var silo = await bench.StartAsync();
        var (owner, key) = await silo.OpenAsync();
        Assert.Equal(["b", "ä"], (await owner.LabelAsync(new LabelEvent { EventId = "1", Add = ["ä", "b"] })).Labels);
        await owner.EndAsync(Completed(0));

        var reply = await owner.LabelAsync(new LabelEvent { EventId = "2", Add = ["a", "b"], Remove = ["ä", "never set"] });

        Assert.Equal((RollbookCode.Ok, false), (reply.Code, reply.Duplicate));
        Assert.Equal(["a", "b"], reply.Labels);
        owner.Leave();
        Assert.Equal(["a", "b"], (await silo.Activate(key).ReadAsync()).Record!.Labels);
        // The order in which the labels are named doesn't matter.
        Assert.True((await silo.Activate(key).LabelAsync(new LabelEvent { EventId = "1", Add = ["b", "ä"] })).Duplicate);
    }

    [Fact]
    public async Task Label_BeyondTheLimit_IsRefusedAsAWhole()
    {
        var (owner, _) = await (await bench.StartAsync()).OpenAsync();
        var all = Enumerable.Range(0, EventRules.MaxLabels).Select(static i => $"l{i:D3}").ToList();
        Assert.Equal(all, (await owner.LabelAsync(new LabelEvent { EventId = "1", Add = all })).Labels);

        Assert.Equal(RollbookCode.TooManyLabels, (await owner.LabelAsync(new LabelEvent { EventId = "2", Add = ["one more"] })).Code);
        var swapped = await owner.LabelAsync(new LabelEvent { EventId = "2", Add = ["one more"], Remove = ["l000"] });

        Assert.Equal(RollbookCode.Ok, swapped.Code);
        Assert.Contains("one more", swapped.Labels);
        Assert.Equal(all.Count, swapped.Labels.Count);
    }

    private Gate Gated()
    {
        var gate = new Gate();
        bench.Storage.BeforeAppend = _ => gate.PassAsync();
        return gate;
    }

    private static ScoreEvent Final(string id, double? value) => new() { EventId = id, Name = ScoreEvent.Final, Value = value, Source = "tests" };
}

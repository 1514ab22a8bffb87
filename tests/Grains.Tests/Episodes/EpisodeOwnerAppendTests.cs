using Rollbook.Testing;
using Xunit;
using static Rollbook.Grains.Tests.Episodes.BenchSilo;

namespace Rollbook.Grains.Tests.Episodes;

public sealed class EpisodeOwnerAppendTests
{
    private readonly RecorderBench bench = new();

    [Fact]
    public async Task Append_OfAnUnknownEpisode_IsNotFoundAndClaimsNothing()
    {
        var silo = await bench.StartAsync();

        Assert.Equal(RollbookCode.EpisodeNotFound, (await silo.Activate(bench.NewKey()).AppendAsync(Batch(0, 1))).Code);

        Assert.Empty(bench.Headers.Snapshot());
    }

    [Fact]
    public async Task Append_OfStepsOlderThanTheHashesKept_ComparesThemWithTheRecord()
    {
        var (owner, _) = await (await bench.StartAsync()).OpenAsync();
        for (var at = 0; at < 600; at += 100) await owner.AppendAsync(Batch(at, 100));

        Assert.Equal(new AppendReply(RollbookCode.Ok, 20, 10), await owner.AppendAsync(Batch(10, 10)));
        Assert.Equal(new AppendReply(RollbookCode.Ok, 610, 600), await owner.AppendAsync(Batch(0, 610)));
        Assert.Equal(new AppendReply(RollbookCode.OrdinalConflict, 10, 0), await owner.AppendAsync(Batch(10, 10, "other")));
    }

    [Fact]
    public async Task Append_OfABatchWithOneWrongStep_TakesNothingOfIt()
    {
        var (owner, key) = await (await bench.StartAsync()).OpenAsync();
        await owner.AppendAsync(Batch(0, 3));
        var texts = new[] { "s-1", "wrong", "s-3", "s-4" };

        var reply = await owner.AppendAsync(new AppendSteps { From = 1, Steps = TestSteps.Of(texts) });
        var gap = await owner.AppendAsync(Batch(4, 2));

        Assert.Equal(new AppendReply(RollbookCode.OrdinalConflict, 2, 0), reply);
        Assert.Equal(new AppendReply(RollbookCode.OrdinalGap, 3, 0), gap);
        Assert.Equal(3, (await owner.ReadAsync()).Record!.StepCount);
        Assert.Equal(TestSteps.Lines(TestSteps.Range("s", 0, 3)), TestSteps.Lines((await owner.ReadStepsAsync(0, 100, TimeSpan.Zero)).Steps));
        Assert.Equal(key, (await owner.ReadAsync()).Record!.Key);
    }

    [Fact]
    public async Task Append_OfADuplicateInFlight_WaitsForItsFlush()
    {
        var gate = Gated();
        var (owner, key) = await (await bench.StartAsync()).OpenAsync();
        gate.Close();
        var first = owner.AppendAsync(Batch(0, 2)).AsTask();
        await gate.ArrivalAsync("the first append");

        var repeat = owner.AppendAsync(Batch(0, 2)).AsTask();
        var open = owner.OpenAsync(Opening(key)).AsTask();

        Assert.False(first.IsCompleted || repeat.IsCompleted || open.IsCompleted);
        gate.Open();
        Assert.Equal(new AppendReply(RollbookCode.Ok, 2, 0), await first);
        Assert.Equal(new AppendReply(RollbookCode.Ok, 2, 2), await repeat);
        Assert.Equal(2, (await open).NextOrdinal);
    }

    [Fact]
    public async Task Append_WhoseFlushFails_IsUnknownAndSoIsItsDuplicate()
    {
        var gate = Gated();
        var (owner, _) = await (await bench.StartAsync()).OpenAsync();
        gate.Close();
        var first = owner.AppendAsync(Batch(0, 1)).AsTask();
        await gate.ArrivalAsync("the append");
        var repeat = owner.AppendAsync(Batch(0, 1)).AsTask();

        gate.Fail(new IOException("away"));

        Assert.Equal(RollbookCode.Unavailable, (await first).Code);
        Assert.Equal(RollbookCode.Unavailable, (await repeat).Code);
        Assert.True(owner.Deposed);
    }

    [Fact]
    public async Task Append_OverTheBudget_IsBusyAndTakenLater()
    {
        bench.Options.MaxBytesInFlight = 2000;
        var gate = Gated();
        var (owner, _) = await (await bench.StartAsync()).OpenAsync();
        gate.Close();
        var first = owner.AppendAsync(Batch(0, 10)).AsTask();

        Assert.Equal(RollbookCode.Busy, (await owner.AppendAsync(Batch(10, 10))).Code);

        gate.Open();
        await first;
        Assert.Equal(new AppendReply(RollbookCode.Ok, 20, 0), await owner.AppendAsync(Batch(10, 10)));
    }

    [Fact]
    public async Task Append_ByAnOwnerThatLostItsEpisode_NeverGetsAFinalAnswer()
    {
        var one = await bench.StartAsync();
        var two = await bench.StartAsync();
        var (old, key) = await one.OpenAsync();
        await old.AppendAsync(Batch(0, 2));
        var owner = two.Activate(key);
        Assert.Equal(new AppendReply(RollbookCode.Ok, 4, 0), await owner.AppendAsync(Batch(2, 2)));

        // To the old owner this is a gap, to the episode it is not.
        Assert.Equal(RollbookCode.Unavailable, (await old.AppendAsync(Batch(4, 1))).Code);

        Assert.True(old.Deposed);
        Assert.Equal(new AppendReply(RollbookCode.Ok, 5, 0), await owner.AppendAsync(Batch(4, 1)));
    }

    [Fact]
    public async Task ReadSteps_WhileAStepIsInFlight_WaitsForItsRelease()
    {
        var gate = Gated();
        var (owner, _) = await (await bench.StartAsync()).OpenAsync();
        gate.Close();
        var append = owner.AppendAsync(Batch(0, 1)).AsTask();
        await gate.ArrivalAsync("the append");

        Assert.Equal(0, (await owner.ReadStepsAsync(0, 10, TimeSpan.Zero)).Steps.Count);
        var poll = owner.ReadStepsAsync(0, 10, TimeSpan.FromSeconds(10)).AsTask();
        var view = owner.ReadAsync().AsTask();
        Assert.False(poll.IsCompleted || view.IsCompleted);

        gate.Open();
        await append;
        Assert.Equal(1, (await poll.WaitAsync(RecorderBench.Patience)).Steps.Count);
        Assert.Equal(1, (await view.WaitAsync(RecorderBench.Patience)).Record!.StepCount);
    }

    [Fact]
    public async Task ReadSteps_WaitingAtTheEnd_IsWokenByTheEnding()
    {
        var (owner, _) = await (await bench.StartAsync()).OpenAsync();
        await owner.AppendAsync(Batch(0, 1));
        var poll = owner.ReadStepsAsync(1, 10, TimeSpan.FromSeconds(10)).AsTask();
        Assert.False(poll.IsCompleted);

        await owner.EndAsync(Completed(1));

        var page = await poll.WaitAsync(RecorderBench.Patience);
        Assert.Equal((RollbookCode.Ok, 0, true), (page.Code, page.Steps.Count, page.Ended));
    }

    [Fact]
    public async Task ReadSteps_WithoutNews_ReturnsAfterItsWait()
    {
        var (owner, _) = await (await bench.StartAsync()).OpenAsync();
        var poll = owner.ReadStepsAsync(0, 10, TimeSpan.FromSeconds(10)).AsTask();

        bench.Time.Advance(TimeSpan.FromSeconds(11));

        var page = await poll.WaitAsync(RecorderBench.Patience);
        Assert.Equal((RollbookCode.Ok, 0, false), (page.Code, page.Steps.Count, page.Ended));
    }

    private Gate Gated()
    {
        var gate = new Gate();
        bench.Storage.BeforeAppend = _ => gate.PassAsync();
        return gate;
    }
}

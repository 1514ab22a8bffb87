using Microsoft.Extensions.Time.Testing;
using Rollbook.Client;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Client.Tests.Gateway.Outbox;

/// <summary>Which batches share a call, and what each of them is told.</summary>
public sealed class ManyEpisodesTransportTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly List<TaskCompletionSource<AppendReply>> alone = [];
    private readonly List<(IngestSteps Request, TaskCompletionSource<IngestOutcome[]> Outcomes)> shared = [];
    private readonly FakeTimeProvider time = new();
    private readonly ManyEpisodesTransport transport;

    public ManyEpisodesTransportTests()
    {
        var ingest = FakeGrain.Of<IIngestGrain>((_, args) =>
        {
            var outcomes = new TaskCompletionSource<IngestOutcome[]>();
            shared.Add(((IngestSteps)args[0]!, outcomes));
            return new ValueTask<IngestOutcome[]>(outcomes.Task);
        });
        transport = new ManyEpisodesTransport(ingest, "p", time);
    }

    [Fact]
    public async Task Append_WhenNothingIsUnderWay_GoesToItsGrainAlone()
    {
        var reply = Send(1);
        alone[0].SetResult(Ok(1));

        Assert.Equal(Ok(1), await reply);
        Assert.Empty(shared);
    }

    [Fact]
    public async Task Append_WhileCallsAreUnderWay_GoesWithTheOthersInOneCall()
    {
        Task<AppendReply>[] first = [Send(1), Send(2)];
        Task<AppendReply>[] later = [Send(3), Send(4), Send(5)];
        Assert.Equal(2, alone.Count);
        Assert.Empty(shared);

        alone[0].SetResult(Ok(1));
        await first[0];
        var call = Assert.Single(shared);
        Assert.Equal("p", call.Request.Project);
        Assert.Equal([3, 4, 5], call.Request.Batches.Select(batch => batch.Steps.From));
        call.Outcomes.SetResult([Taken(4), Taken(5), Taken(6)]);

        Assert.Equal([Ok(4), Ok(5), Ok(6)], await Task.WhenAll(later));
    }

    [Fact]
    public async Task Append_WhereTheSiloTookNothing_AsksTheGrain()
    {
        var reply = await SharedAsync(() => [Send(7)], call => call.Outcomes.SetResult([default]));

        alone[^1].SetResult(new AppendReply(RollbookCode.OrdinalGap, 5, 0));

        Assert.Equal(new AppendReply(RollbookCode.OrdinalGap, 5, 0), await reply[0]);
    }

    [Fact]
    public async Task Append_WhenTheSharedCallFails_IsUnknownForAllAndTheNextCallGoesOn()
    {
        var replies = await SharedAsync(() => [Send(7), Send(8)], call => call.Outcomes.SetException(new TimeoutException("no answer")));

        await Assert.ThrowsAsync<TimeoutException>(() => replies[0]);
        await Assert.ThrowsAsync<TimeoutException>(() => replies[1]);
        await AssertFreeAsync();
    }

    [Fact]
    public async Task Append_WhenOutcomesAreMissing_IsUnknownForAll()
    {
        var replies = await SharedAsync(() => [Send(7), Send(8)], call => call.Outcomes.SetResult([Taken(8)]));

        await Assert.ThrowsAsync<InvalidDataException>(() => replies[0]);
        await Assert.ThrowsAsync<InvalidDataException>(() => replies[1]);
    }

    [Fact]
    public async Task Append_WhenALoneCallFails_FreesItsPlace()
    {
        var reply = Send(1);
        alone[0].SetException(new TimeoutException("no answer"));

        await Assert.ThrowsAsync<TimeoutException>(() => reply);
        await AssertFreeAsync();
    }

    [Fact]
    public void Append_OfALargeBatch_NeitherWaitsNorHoldsUpOthers()
    {
        _ = Send(1);
        _ = Send(2);
        _ = Send(3, bytes: 64 << 10);

        Assert.Equal(3, alone.Count);
        Assert.Empty(shared);
    }

    [Fact]
    public async Task Append_BehindCallsThatStandStill_PassesThemBy()
    {
        Task<AppendReply>[] slow = [Send(1), Send(2)];
        var other = Send(3);
        time.Advance(TimeSpan.FromMilliseconds(40));
        Assert.Empty(shared);

        time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Single(Assert.Single(shared).Request.Batches);
        shared[0].Outcomes.SetResult([Taken(4)]);
        Assert.Equal(Ok(4), await other);

        // The slow ones come late, and give no place back that they have lost.
        alone[0].SetResult(Ok(2));
        alone[1].SetResult(Ok(3));
        Assert.Equal([Ok(2), Ok(3)], await Task.WhenAll(slow));
        Task<AppendReply>[] next = [Send(5), Send(6), Send(7)];
        Assert.Equal(4, alone.Count);
        alone[2].SetResult(Ok(6));
        await next[0];
        Assert.Equal(7, Assert.Single(shared[^1].Request.Batches).Steps.From);
    }

    [Fact]
    public async Task Append_OfMoreThanOneCallTakes_GoesInTurns()
    {
        var replies = await SharedAsync(() => [.. Enumerable.Range(0, 700).Select(i => Send(i))], call => call.Outcomes.SetResult([.. call.Request.Batches.Select(b => Taken(b.Steps.From + 1))]));

        await UntilAsync(() => shared.Count == 2, "the second call");
        Assert.Equal(700, shared.Sum(call => call.Request.Batches.Length));
        shared[1].Outcomes.SetResult([.. shared[1].Request.Batches.Select(b => Taken(b.Steps.From + 1))]);
        Assert.Equal(Enumerable.Range(1, 700).Select(next => Ok(next)), await Task.WhenAll(replies));
    }

    [Fact]
    public async Task Append_SharedWithOneWhoseCallerTakesItsTime_IsAnsweredAtOnce()
    {
        using var hold = new ManualResetEventSlim();
        var holding = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<AppendReply>[] first = [Send(1), Send(2)];
        // Goes on in the caller's own code, where the answer is given.
        var slow = Send(3).ContinueWith(
            _ =>
            {
                holding.SetResult();
                hold.Wait();
            },
            TaskContinuationOptions.ExecuteSynchronously);
        var other = Send(4);
        alone[0].SetResult(Ok(1));
        await first[0];

        var answering = Task.Run(() => shared[0].Outcomes.SetResult([Taken(4), Taken(5)]));
        await holding.Task.WaitAsync(Patience);
        try
        {
            Assert.Equal(Ok(5), await other.WaitAsync(Patience));
            // The place in the next call is free too, with the slow one still at it.
            await answering.WaitAsync(Patience);
            await AssertFreeAsync();
        }
        finally
        {
            hold.Set();
        }

        await slow;
    }

    private static AppendReply Ok(long next) => new(RollbookCode.Ok, next, 0);

    private static IngestOutcome Taken(long next) => new(true, Ok(next));

    private static async Task UntilAsync(Func<bool> condition, string awaited)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(since) < Patience, $"Awaited in vain: {awaited}.");
            await Task.Yield();
        }
    }

    // Two lone calls hold the places until what was sent waits together.
    private async Task<Task<AppendReply>[]> SharedAsync(Func<Task<AppendReply>[]> send, Action<(IngestSteps Request, TaskCompletionSource<IngestOutcome[]> Outcomes)> answer)
    {
        var holding = new[] { Send(-1), Send(-2) };
        var replies = send();
        alone[0].SetResult(Ok(0));
        await holding[0];
        answer(shared[0]);
        return replies;
    }

    private async Task AssertFreeAsync()
    {
        var (lone, calls) = (alone.Count, shared.Count);
        var next = Send(9);
        await UntilAsync(() => alone.Count > lone || shared.Count > calls, "a place for the next batch");
        if (alone.Count > lone) alone[^1].SetResult(Ok(10));
        else shared[^1].Outcomes.SetResult([Taken(10)]);
        Assert.Equal(Ok(10), await next.WaitAsync(Patience));
    }

    private Task<AppendReply> Send(long from, int bytes = 100)
    {
        var grain = FakeGrain.Of<IEpisodeGrain>((_, _) =>
        {
            alone.Add(new TaskCompletionSource<AppendReply>());
            return new ValueTask<AppendReply>(alone[^1].Task);
        });
        var route = new EpisodeRoute(new EpisodeKey("p", new EpisodeId((UInt128)(ulong)from)), grain);
        return transport.AppendAsync(route, new AppendSteps { From = from, Steps = TestSteps.OfLength(1, bytes) }).AsTask();
    }
}

using CsCheck;
using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.StepLog.Commit;

public sealed class WriteAheadLogAppendTests
{
    [Fact]
    public async Task Append_WithoutAwaitingTheOneBefore_KeepsTheOrder()
    {
        var bench = await LogBench.StartAsync(maxInFlight: 4);
        var claim = await bench.ClaimAsync();

        var commits = Enumerable.Range(0, 200).Select(_ => bench.Append(claim, 3)).ToList();
        await Task.WhenAll(commits);

        Assert.Equal(LogBench.Expected(0, 600), await bench.LinesAsync(claim.Key));
        await bench.CloseAsync();
    }

    [Fact]
    public async Task Append_WhileAChunkIsWritten_SharesTheNextOneWithOtherEpisodes()
    {
        var bench = await LogBench.StartAsync();
        var claims = new List<LogClaim>();
        for (var i = 0; i < 5; i++) claims.Add(await bench.ClaimAsync());
        var chunksBefore = bench.Log.DurableEnd;
        bench.Appends.Close();
        var first = bench.Append(claims[0], 1);
        await bench.Appends.ArrivalAsync("the first chunk");

        var rest = claims.Select(c => bench.Append(c, 2)).ToList();
        bench.Appends.Open();
        await Task.WhenAll([first, .. rest]);

        Assert.Equal(chunksBefore + 2, bench.Log.DurableEnd);
        await bench.CloseAsync();
    }

    [Fact]
    public async Task Append_BeforeItsChunkIsDurable_IsSeenByNobody()
    {
        var bench = await LogBench.StartAsync();
        var claim = await bench.ClaimAsync();
        var durable = bench.Log.DurableEnd;
        bench.Appends.Close();

        var commit = bench.Append(claim, 2);
        await bench.Appends.ArrivalAsync("the steps");

        Assert.False(commit.IsCompleted);
        Assert.Equal((2, 0), (claim.Tail.NextOrdinal, claim.DurableNext));
        Assert.Equal(durable, bench.Log.DurableEnd);
        Assert.Empty(await bench.LinesAsync(claim.Key));

        var released = bench.Log.WhenReleased(claim);
        Assert.False(released.IsCompleted);
        bench.Appends.Open();
        await commit;
        await released.WaitAsync(LogBench.Patience);
        Assert.Equal((2, durable + 1), (claim.DurableNext, bench.Log.DurableEnd));
        Assert.Equal(LogBench.Expected(0, 2), await bench.LinesAsync(claim.Key));
        await bench.CloseAsync();
    }

    [Fact]
    public async Task Append_WithSeveralChunksInFlight_ReleasesInOrder()
    {
        var gates = Enumerable.Range(0, 8).Select(static _ => new Gate()).ToArray();
        var bench = await LogBench.StartAsync(maxInFlight: 4);
        var claim = await bench.ClaimAsync();
        var first = bench.Log.DurableEnd;
        foreach (var gate in gates) gate.Close();
        bench.Storage.BeforeAppend = at => gates[at.Number - first].PassAsync();
        var commits = new List<Task>();
        for (var i = 0; i < 3; i++)
        {
            commits.Add(bench.Append(claim, 1));
            await gates[i].ArrivalAsync($"chunk {i} in flight");
        }

        gates[2].Open();
        gates[1].Open();
        Assert.All(commits, static c => Assert.False(c.IsCompleted));
        Assert.Equal(first, bench.Log.DurableEnd);

        gates[0].Open();
        await Task.WhenAll(commits);
        Assert.Equal(3, claim.DurableNext);
        await bench.CloseAsync();
    }

    [Fact]
    public async Task Append_OfAStepLargerThanASegment_GetsASegmentOfItsOwnLength()
    {
        var bench = await LogBench.StartAsync(segmentBytes: 4096);
        var claim = await bench.ClaimAsync();
        var huge = new string('x', 20_000);

        await bench.Append(claim, 1);
        await bench.Append(claim, 1, huge);
        await bench.Append(claim, 1);

        Assert.Equal([.. LogBench.Expected(0, 1), .. LogBench.Expected(1, 1, huge), .. LogBench.Expected(2, 1)], await bench.LinesAsync(claim.Key));
        await bench.CloseAsync();
    }

    [Fact]
    public async Task Append_OfFewerStepsThanAnnounced_TakesNothing()
    {
        var bench = await LogBench.StartAsync();
        var claim = await bench.ClaimAsync();
        var two = TestSteps.Range("s", 0, 2).Bytes;

        Assert.Throws<InvalidDataException>(() => { _ = bench.Log.Append(claim, FrameKind.Steps, 3, two.Span); });

        Assert.Equal((0, 0), (claim.Tail.NextOrdinal, bench.Log.BytesInFlight));
        await bench.Append(claim, 2);
        Assert.Equal(LogBench.Expected(0, 2), await bench.LinesAsync(claim.Key));
        await bench.CloseAsync();
    }

    [Fact]
    public async Task Append_WithADeviceThatPoisonsReturnedBuffers_ChangesNoBufferTooEarly()
    {
        var bench = await LogBench.StartAsync(segmentBytes: 16 << 10, maxInFlight: 4);
        bench.Storage.BeforeAppend = async _ => await Task.Yield();
        var claims = new List<LogClaim>();
        for (var i = 0; i < 8; i++) claims.Add(await bench.ClaimAsync());

        for (var round = 0; round < 40; round++) await Task.WhenAll(claims.Select((c, i) => bench.Append(c, 1 + ((round + i) % 5))));

        Assert.Null(bench.Storage.ChangedTooEarly);
        foreach (var claim in claims) Assert.Equal(LogBench.Expected(0, (int)claim.DurableNext), await bench.LinesAsync(claim.Key));
        await bench.CloseAsync();
    }

    [Fact]
    public async Task FramesOf_FromAnyOrdinalOverManySegments_AgreesWithAList() =>
        await Gen.Select(Gen.Int[0, 3], Gen.Int[1, 9]).Array[1, 60].SampleAsync(static async script =>
        {
            var bench = await LogBench.StartAsync(segmentBytes: 4096, maxInFlight: 2);
            var claims = new List<LogClaim>();
            for (var i = 0; i < 4; i++) claims.Add(await bench.ClaimAsync());
            var commits = new List<Task>();
            foreach (var (episode, steps) in script)
            {
                commits.Add(bench.Append(claims[episode], steps));
                if (steps == 1) await Task.WhenAll(commits);
            }

            await Task.WhenAll(commits);
            foreach (var claim in claims)
            {
                var count = (int)claim.DurableNext;
                for (var from = 0; from <= count; from += 1 + (count / 5))
                {
                    Assert.Equal(LogBench.Expected(from, count - from), await bench.LinesAsync(claim.Key, from));
                    var page = await bench.LinesAsync(claim.Key, from, limit: 2);
                    Assert.Equal(LogBench.Expected(from, page.Count), page);
                    Assert.True(page.Count > 0 || from == count);
                }
            }

            await bench.CloseAsync();
        }, iter: 40);
}

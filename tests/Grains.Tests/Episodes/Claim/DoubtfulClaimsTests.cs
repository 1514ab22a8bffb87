using Rollbook.Episodes;
using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Episodes.Claim;

/// <summary>A claim whose compare-and-swap gave no answer is found out about without a call to its episode.</summary>
public sealed class DoubtfulClaimsTests
{
    private readonly UnansweredHeaders headers;
    private readonly RecorderBench bench;
    private readonly List<EpisodeKey> nudged = [];

    public DoubtfulClaimsTests()
    {
        headers = new UnansweredHeaders(new MemoryHeaderStore());
        bench = new RecorderBench { Shared = (new MemoryLogRegistry(), headers) };
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sweep_OfACreationThatWasApplied_TellsOfTheEpisodeAndItsDeadlineRuns()
    {
        var silo = await bench.StartAsync();
        var key = bench.NewKey();
        headers.Next = UnansweredHeaders.Fate.Applied;
        await Assert.ThrowsAsync<IOException>(async () => await silo.Activate(key).OpenAsync(BenchSilo.Opening(key)));
        Assert.Empty(await ListedAsync(silo));
        var expired = false;
        var woken = new EpisodeOwner(key, silo.Core, static _ => { }, () => expired = true);

        await Sweeps(silo, _ => woken.NudgeAsync().AsTask()).SweepAsync(Token);

        Assert.Equal([key], await ListedAsync(silo));
        bench.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.True(expired, "no deadline runs");
        Assert.Empty(silo.Log.Doubtful);
    }

    [Fact]
    public async Task Sweep_WhenNobodyCanBeWoken_TellsOfTheEpisodeAndWakesItAgain()
    {
        var silo = await bench.StartAsync();
        var key = bench.NewKey();
        headers.Next = UnansweredHeaders.Fate.Applied;
        await Assert.ThrowsAsync<IOException>(async () => await silo.Activate(key).OpenAsync(BenchSilo.Opening(key)));
        var sweeps = Sweeps(silo);

        await sweeps.SweepAsync(Token);
        await sweeps.SweepAsync(Token);

        Assert.Equal([key], await ListedAsync(silo));
        Assert.Equal([key, key], nudged);
    }

    [Fact]
    public async Task Sweep_WhileTheSwapMayStillArrive_KeepsTheClaimAndWakesTheEpisode()
    {
        var (first, second, key) = await TakenOverAsync(UnansweredHeaders.Fate.Late);
        var sweeps = Sweeps(second);

        await sweeps.SweepAsync(Token);

        Assert.Equal([key], nudged);
        Assert.Equal(2, Assert.Single(second.Log.Doubtful).Term);
        Assert.Empty(await ListedAsync(second));
        Assert.True(await headers.ArriveAsync());
        await sweeps.SweepAsync(Token);
        Assert.Equal([key], await ListedAsync(second));
        Assert.Equal(RollbookCode.Ok, (await second.Activate(key).AppendAsync(BenchSilo.Batch(3, 3))).Code);
        Assert.NotNull(first.Log.Find(key));
    }

    [Fact]
    public async Task Sweep_OnceAnotherHasTheTerm_ForgetsTheClaim()
    {
        var (first, second, key) = await TakenOverAsync(UnansweredHeaders.Fate.Late);
        Assert.Equal(2, await first.Activate(key).NudgeAsync());

        await Sweeps(second).SweepAsync(Token);

        Assert.Null(second.Log.Find(key));
        Assert.Empty(second.Log.Doubtful);
        Assert.Empty(nudged);
        Assert.False(await headers.ArriveAsync());
    }

    [Fact]
    public async Task Sweep_OfAClaimOfAnEndedEpisode_TellsOfTheEndingAndWakesNobody()
    {
        var (first, second, key) = await TakenOverAsync(null);
        Assert.Equal(RollbookCode.Ok, (await first.Activate(key).EndAsync(BenchSilo.Completed(3))).Code);
        headers.Next = UnansweredHeaders.Fate.Applied;
        var score = new ScoreEvent { EventId = "s", Name = "style", Value = 1, Source = "test" };
        await Assert.ThrowsAsync<IOException>(async () => await second.Activate(key).ScoreAsync([score]));

        await Sweeps(second).SweepAsync(Token);

        Assert.Empty(nudged);
        Assert.Null(second.Log.Find(key));
        Assert.Equal([key], await ListedAsync(second));
        Assert.Equal(RollbookCode.Ok, Assert.Single(await second.Activate(key).ScoreAsync([score])).Code);
    }

    [Fact]
    public async Task Sweep_WhenAnotherTookWhatWasToldOf_TellsOfItUntilTheNextSweep()
    {
        var (first, second, key) = await TakenOverAsync(UnansweredHeaders.Fate.Applied);
        var sweeps = Sweeps(second);
        await sweeps.SweepAsync(Token);
        Assert.Equal([key], await ListedAsync(second));
        Assert.Equal(3, await first.Activate(key).NudgeAsync());

        await sweeps.SweepAsync(Token);

        Assert.Equal([key], await ListedAsync(second));
        await sweeps.SweepAsync(Token);
        Assert.Empty(await ListedAsync(second));
        Assert.Null(second.Log.Find(key));
    }

    [Fact]
    public async Task Sweep_OfAClaimOfAnEndedEpisodeThatIsNeverWon_ForgetsItOnceNothingCanArrive()
    {
        var (first, second, key) = await TakenOverAsync(null);
        Assert.Equal(RollbookCode.Ok, (await first.Activate(key).EndAsync(BenchSilo.Completed(3))).Code);
        headers.Next = UnansweredHeaders.Fate.Lost;
        await Assert.ThrowsAsync<IOException>(async () => await second.Activate(key).ScoreAsync([new ScoreEvent { EventId = "s", Name = "style", Value = 1, Source = "test" }]));

        await KeepsUntilTheWindowIsOverAsync(second);

        Assert.Empty(nudged);
        Assert.Null(second.Log.Find(key));
    }

    [Fact]
    public async Task Sweep_OfACreationThatNeverArrives_ForgetsItOnceNothingCanArrive()
    {
        var silo = await bench.StartAsync();
        var key = bench.NewKey();
        headers.Next = UnansweredHeaders.Fate.Lost;
        await Assert.ThrowsAsync<IOException>(async () => await silo.Activate(key).OpenAsync(BenchSilo.Opening(key)));

        await KeepsUntilTheWindowIsOverAsync(silo);

        Assert.Null(silo.Log.Find(key));
    }

    [Fact]
    public async Task Sweep_WhenANudgeHangs_EndsWithTheCaller()
    {
        var (_, second, _) = await TakenOverAsync(UnansweredHeaders.Fate.Late);
        using var stop = new CancellationTokenSource();
        var woken = new TaskCompletionSource();
        var sweep = Sweeps(second, HangAsync).SweepAsync(stop.Token).AsTask();
        await woken.Task.WaitAsync(RecorderBench.Patience, Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sweep.WaitAsync(RecorderBench.Patience, Token));

        Task HangAsync(EpisodeKey key)
        {
            woken.TrySetResult();
            return new TaskCompletionSource().Task;
        }
    }

    private async Task KeepsUntilTheWindowIsOverAsync(BenchSilo silo)
    {
        var sweeps = Sweeps(silo);
        await sweeps.SweepAsync(Token);
        bench.Time.Advance(LateWrites.Window - TimeSpan.FromSeconds(1));
        await sweeps.SweepAsync(Token);
        Assert.Single(silo.Log.Doubtful);
        bench.Time.Advance(TimeSpan.FromSeconds(1));
        await sweeps.SweepAsync(Token);
        Assert.Empty(silo.Log.Doubtful);
    }

    [Fact]
    public async Task Claim_WhenTheHeadersHaveNoRoom_IsForgotten()
    {
        var full = new FullHeaders(headers);
        var silo = await new RecorderBench { Shared = (new MemoryLogRegistry(), full) }.StartAsync();
        var key = bench.NewKey();

        Assert.Equal(RollbookCode.Busy, (await silo.Activate(key).OpenAsync(BenchSilo.Opening(key))).Code);

        Assert.Null(silo.Log.Find(key));
        Assert.Empty(silo.Log.Doubtful);
    }

    // An episode of three steps that a second silo was about to take from the first.
    private async Task<(BenchSilo First, BenchSilo Second, EpisodeKey Key)> TakenOverAsync(UnansweredHeaders.Fate? fate)
    {
        var first = await bench.StartAsync();
        var (owner, key) = await first.OpenAsync();
        await owner.AppendAsync(BenchSilo.Batch(0, 3));
        var second = await bench.StartAsync();
        if (fate is null) return (first, second, key);
        headers.Next = fate;
        await Assert.ThrowsAsync<IOException>(async () => await second.Activate(key).AppendAsync(BenchSilo.Batch(3, 3)));
        return (first, second, key);
    }

    private DoubtfulClaims Sweeps(BenchSilo silo, Func<EpisodeKey, Task>? nudge = null) => new(silo.Log, headers, bench.Time, nudge ?? (key =>
    {
        nudged.Add(key);
        return Task.CompletedTask;
    }));

    private static async Task<List<EpisodeKey>> ListedAsync(BenchSilo silo) =>
        [.. (await silo.Log.EpisodesAsync(EpisodeKey.DefaultProject, Token)).Episodes.Select(static e => e.Record.Key)];

    private sealed class FullHeaders(IHeaderStore inner) : IHeaderStore
    {
        public ValueTask<EpisodeHeader?> ReadAsync(EpisodeKey key, CancellationToken cancellation) => inner.ReadAsync(key, cancellation);

        public ValueTask<EpisodeHeader?> WriteAsync(EpisodeHeader header, CancellationToken cancellation) => throw new StorageFullException("No room.");
    }
}

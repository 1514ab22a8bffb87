using Rollbook.Archive;
using Rollbook.Episodes;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Episodes.Ingest;

/// <summary>Appends from within the silo, over a device that stands still.</summary>
public sealed class EpisodeAppendsTests
{
    private readonly RecorderBench bench = new();
    private readonly Gate device = new();

    [Fact]
    public async Task Append_WhenTheDeviceStandsStill_IsUnknownAfterTheLimitAndKeepsItsPlace()
    {
        var (owner, key) = await (await bench.StartAsync()).OpenAsync();
        using var appends = Appends(owner, key, bench.Time);
        bench.Storage.BeforeAppend = _ => device.PassAsync();
        device.Close();
        var first = appends.AppendAsync(key, 0, TestSteps.Range("s", 0, 2), null).AsTask();
        await device.ArrivalAsync("the first steps");
        // Joins the batch of the log that waits for the device.
        bench.Time.Advance(TimeSpan.FromSeconds(10));
        var second = appends.AppendAsync(key, 2, TestSteps.Range("s", 2, 2), null).AsTask();
        bench.Time.Advance(CommitLimit.Longest - TimeSpan.FromSeconds(10) - CommitLimit.Look);
        Assert.False(first.IsCompleted);

        bench.Time.Advance(2 * CommitLimit.Look);
        Assert.Equal(new AppendReply(RollbookCode.Unavailable, 0, 0), await first.WaitAsync(RecorderBench.Patience));
        Assert.False(second.IsCompleted);
        var again = appends.AppendAsync(key, 0, TestSteps.Range("s", 0, 2), null).AsTask();
        var third = appends.AppendAsync(key, 4, TestSteps.Range("s", 4, 2), null).AsTask();
        Assert.False(again.IsCompleted);
        device.Open();

        Assert.Equal(new AppendReply(RollbookCode.Ok, 2, 2), await again.WaitAsync(RecorderBench.Patience));
        Assert.Equal(new AppendReply(RollbookCode.Ok, 4, 0), await second.WaitAsync(RecorderBench.Patience));
        Assert.Equal(new AppendReply(RollbookCode.Ok, 6, 0), await third.WaitAsync(RecorderBench.Patience));
        Assert.Equal(TestSteps.Lines(TestSteps.Range("s", 0, 6)), TestSteps.Lines((await owner.ReadStepsAsync(0, 100, TimeSpan.Zero)).Steps));
    }

    [Fact]
    public async Task Append_BehindALimitThatWasReached_HasTheWholeLimitForItself()
    {
        var (owner, key) = await (await bench.StartAsync()).OpenAsync();
        using var appends = Appends(owner, key, bench.Time);
        bench.Storage.BeforeAppend = _ => device.PassAsync();
        device.Close();
        var head = appends.AppendAsync(key, 0, TestSteps.Range("s", 0, 1), null).AsTask();
        await device.ArrivalAsync("the first step");
        var waits = appends.AppendAsync(key, 1, TestSteps.Range("s", 1, 1), null).AsTask();
        bench.Time.Advance(CommitLimit.Longest + CommitLimit.Look);
        Assert.Equal(RollbookCode.Unavailable, (await head.WaitAsync(RecorderBench.Patience)).Code);
        Assert.Equal(RollbookCode.Unavailable, (await waits.WaitAsync(RecorderBench.Patience)).Code);

        // The same batch of the log as the one before.
        var late = appends.AppendAsync(key, 2, TestSteps.Range("s", 2, 1), null).AsTask();
        bench.Time.Advance(CommitLimit.Longest - CommitLimit.Look);
        Assert.False(late.IsCompleted);
        device.Open();

        Assert.Equal(new AppendReply(RollbookCode.Ok, 3, 0), await late.WaitAsync(RecorderBench.Patience));
    }

    [Fact]
    public async Task Append_WhenTheDeviceFails_IsUnknownAtOnce()
    {
        var (owner, key) = await (await bench.StartAsync()).OpenAsync();
        using var appends = Appends(owner, key, bench.Time);
        bench.Storage.BeforeAppend = _ => device.PassAsync();
        device.Close();
        var append = appends.AppendAsync(key, 0, TestSteps.Range("s", 0, 1), null).AsTask();
        await device.ArrivalAsync("the step");

        device.Fail(new IOException("test"));

        Assert.Equal(RollbookCode.Unavailable, (await append.WaitAsync(RecorderBench.Patience)).Code);
    }

    [Fact]
    public async Task Append_StepAfterStep_StartsNoTimer()
    {
        var (owner, key) = await (await bench.StartAsync()).OpenAsync();
        var time = new CountingTime();
        using var appends = Appends(owner, key, time);

        for (var at = 0; at < 500; at++)
            Assert.Equal(RollbookCode.Ok, (await appends.AppendAsync(key, at, TestSteps.Range("s", at, 1), null)).Code);

        Assert.Equal(1, time.Timers);
    }

    // The activation's turn runs at once; its grain is called where the turn took nothing.
    private static EpisodeAppends Appends(EpisodeOwner owner, EpisodeKey key, TimeProvider time)
    {
        var active = new ActiveEpisodes();
        active.Add(key, new ActiveEpisode(owner, static (turn, state) => turn(state)));
        return new EpisodeAppends(active, _ => FakeGrain.Of<IEpisodeGrain>((_, args) => owner.AppendAsync((AppendSteps)args[0]!)), new BlobCheck(null), time);
    }

    private sealed class CountingTime : TimeProvider
    {
        private int timers;

        public int Timers => Volatile.Read(ref timers);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Increment(ref timers);
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}

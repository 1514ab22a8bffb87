using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Rollbook.StepLog;
using Rollbook.Testing;

namespace Rollbook.Cluster.Tests.Peers;

public sealed class OwnLogWatchTests
{
    private static readonly LogRow Row = new() { Log = new LogId(1), Address = "127.0.0.1:1", Generation = 1, BootId = "b", ProcessId = 1, CreatedAt = 0 };

    private readonly FakeTimeProvider time = new();
    private readonly MemoryLogRegistry rows = new();
    private readonly AskedRegistry registry;
    private readonly OwnLogWatch watch;

    public OwnLogWatchTests()
    {
        registry = new AskedRegistry(rows);
        watch = new OwnLogWatch(Row.Log, registry, new ClusterOptions(), time, NullLogger<OwnLogWatch>.Instance);
    }

    [Fact]
    public async Task Run_OnceTheLogIsNotOpen_TellsWhyTheSiloStops()
    {
        await rows.InsertAsync(Row, CancellationToken.None);
        var running = watch.RunAsync(CancellationToken.None);
        await registry.AskedAsync(1);
        await rows.ReplaceAsync((await rows.ReadAsync(Row.Log, CancellationToken.None))! with { State = LogState.Fencing }, CancellationToken.None);
        Assert.False(running.IsCompleted);

        await AdvanceAsync(10, 2);

        Assert.IsType<LogFencedException>(await running);
    }

    [Fact]
    public async Task MayAnswer_HalfAMinuteAfterTheLastAnswer_IsFalseUntilTheNextOne()
    {
        await rows.InsertAsync(Row, CancellationToken.None);
        using var ending = new CancellationTokenSource();
        var running = watch.RunAsync(ending.Token);
        await registry.AskedAsync(1);
        registry.Away = true;
        await AdvanceAsync(10, 2);
        await AdvanceAsync(10, 3);
        Assert.True(watch.MayAnswer);
        await AdvanceAsync(10, 4);
        Assert.False(watch.MayAnswer);

        registry.Away = false;
        await AdvanceAsync(10, 5);
        Assert.True(watch.MayAnswer);
        await ending.CancelAsync();
        Assert.Null(await running);
    }

    [Fact]
    public async Task Run_AMinuteAfterTheLastAnswer_TellsWhyTheSiloStops()
    {
        await rows.InsertAsync(Row, CancellationToken.None);
        var running = watch.RunAsync(CancellationToken.None);
        await registry.AskedAsync(1);
        registry.Away = true;
        for (var asked = 2; asked <= 6; asked++) await AdvanceAsync(10, asked);
        Assert.False(running.IsCompleted);

        await AdvanceAsync(10, 7);

        Assert.Contains("60 s", Assert.IsType<TimeoutException>(await running).Message, StringComparison.Ordinal);
    }

    // The question is asked by a timer's continuation, which the clock runs before Advance returns.
    private async Task AdvanceAsync(int seconds, int asked)
    {
        time.Advance(TimeSpan.FromSeconds(seconds));
        await registry.AskedAsync(asked);
    }

    private sealed class AskedRegistry(ILogRegistry inner) : ILogRegistry
    {
        private readonly SemaphoreSlim asked = new(0);
        private int count;

        public bool Away { get; set; }

        public async Task AskedAsync(int times)
        {
            while (count < times)
            {
                Assert.True(await asked.WaitAsync(TimeSpan.FromSeconds(30)), $"waited for question {times}");
                count++;
            }
        }

        public ValueTask<bool> InsertAsync(LogRow row, CancellationToken cancellation) => inner.InsertAsync(row, cancellation);

        public ValueTask<LogRow?> ReadAsync(LogId log, CancellationToken cancellation)
        {
            asked.Release();
            return Away ? ValueTask.FromException<LogRow?>(new TimeoutException("away")) : inner.ReadAsync(log, cancellation);
        }

        public ValueTask<LogRow?> ReplaceAsync(LogRow row, CancellationToken cancellation) => inner.ReplaceAsync(row, cancellation);

        public ValueTask<IReadOnlyList<LogRow>> ListAsync(IReadOnlyCollection<LogState> states, CancellationToken cancellation) => inner.ListAsync(states, cancellation);
    }
}

using Rollbook.Grains.Tests.Episodes;
using Rollbook.Query;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Archive.Rounds;

/// <summary>The own log's packing waits for no other: steps wait for its room.</summary>
public sealed class PackTurnsTests
{
    private readonly CountingScheduler dead = new();
    private readonly RecorderBench bench;
    private readonly PutGate puts = new();

    public PackTurnsTests() => bench = new RecorderBench { DeadBackground = dead };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PackOwn_WhileADeadLogIsPacked_DoesNotWaitForIt()
    {
        var (other, silo) = await TwoLogsAsync();
        puts.Held = other.Log.Id.ToString();
        var packing = silo.Rounds.PackDeadAsync(Token).AsTask();
        await puts.Door.ArrivalAsync("the dead log's pack is written");

        await silo.Rounds.PackOwnAsync(Token).AsTask().WaitAsync(RecorderBench.Patience, Token);
        await silo.Sources.PackNowAsync(EpisodeKey.DefaultProject, Token).AsTask().WaitAsync(RecorderBench.Patience, Token);

        Assert.False(packing.IsCompleted);
        Assert.Equal(0, silo.Rounds.BacklogBytes);
        puts.Door.Open();
        Assert.Equal(0, await packing.WaitAsync(RecorderBench.Patience, Token));
    }

    [Fact]
    public async Task PackDead_WhileTheOwnLogIsPacked_BeginsBehindIt()
    {
        var (_, silo) = await TwoLogsAsync();
        puts.Held = silo.Log.Id.ToString();
        var own = silo.Rounds.PackOwnAsync(Token).AsTask();
        await puts.Door.ArrivalAsync("the own log's pack is written");

        // All that it does before it packs is done when this returns: the registry answers at once.
        var packing = silo.Rounds.PackDeadAsync(Token).AsTask();

        Assert.Equal(0, dead.Given);
        puts.Door.Open();
        await own.WaitAsync(RecorderBench.Patience, Token);
        Assert.Equal(0, await packing.WaitAsync(RecorderBench.Patience, Token));
        Assert.True(dead.Given > 0, "the dead log was packed elsewhere");
    }

    // A silo's own log and a recovered dead one, with something to pack in each.
    private async Task<(BenchSilo Dead, BenchSilo Silo)> TwoLogsAsync()
    {
        var other = await bench.StartAsync();
        await EndedAsync(other);
        bench.Kill(other);
        var silo = await bench.StartAsync(puts);
        await bench.RecoverAsync(silo);
        await EndedAsync(silo);
        return (other, silo);
    }

    private static async Task EndedAsync(BenchSilo silo)
    {
        var (owner, _) = await silo.OpenAsync();
        await owner.AppendAsync(BenchSilo.Batch(0, 30));
        await owner.EndAsync(BenchSilo.Completed(30));
    }

    private sealed class PutGate : CallGate
    {
        private string? held;

        public Gate Door { get; } = new();

        public string? Held
        {
            get => held;
            set
            {
                Door.Close();
                held = value;
            }
        }

        public override async ValueTask<T> CallAsync<T>(string what, Func<ValueTask<T>> call)
        {
            if (!what.StartsWith("archive put ", StringComparison.Ordinal)) return await call();
            if (held is { } log && what.Contains(log, StringComparison.Ordinal)) await Door.PassAsync();
            return await call();
        }
    }

    // The pool, with a count of what it was given.
    private sealed class CountingScheduler : TaskScheduler
    {
        private int given;

        public int Given => Volatile.Read(ref given);

        protected override void QueueTask(Task task)
        {
            Interlocked.Increment(ref given);
            ThreadPool.UnsafeQueueUserWorkItem(_ => TryExecuteTask(task), null);
        }

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

        protected override IEnumerable<Task> GetScheduledTasks() => [];
    }
}

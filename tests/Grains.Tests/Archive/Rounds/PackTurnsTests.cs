using System.Collections.Concurrent;
using Rollbook.Grains.Tests.Episodes;
using Rollbook.Query;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Archive.Rounds;

/// <summary>The own log's packing waits for no other: steps wait for its room.</summary>
public sealed class PackTurnsTests
{
    private readonly RecorderBench bench = new();
    private readonly PutGate puts = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PackOwn_WhileADeadLogIsPacked_DoesNotWaitForIt()
    {
        var (dead, silo) = await TwoLogsAsync();
        puts.Held = dead.Log.Id.ToString();
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
        var (dead, silo) = await TwoLogsAsync();
        puts.Held = silo.Log.Id.ToString();
        var own = silo.Rounds.PackOwnAsync(Token).AsTask();
        await puts.Door.ArrivalAsync("the own log's pack is written");
        var packing = silo.Rounds.PackDeadAsync(Token).AsTask();

        puts.Door.Open();
        await own.WaitAsync(RecorderBench.Patience, Token);
        Assert.Equal(0, await packing.WaitAsync(RecorderBench.Patience, Token));

        var written = puts.Written.ToList();
        var firstOfDead = written.FindIndex(name => name.Contains(dead.Log.Id.ToString(), StringComparison.Ordinal));
        Assert.True(firstOfDead > 0, "nothing of the dead log was written behind the own log");
        Assert.DoesNotContain(written[firstOfDead..], name => name.Contains(silo.Log.Id.ToString(), StringComparison.Ordinal));
    }

    // A silo's own log and a recovered dead one, with something to pack in each.
    private async Task<(BenchSilo Dead, BenchSilo Silo)> TwoLogsAsync()
    {
        var dead = await bench.StartAsync();
        await EndedAsync(dead);
        bench.Kill(dead);
        var silo = await bench.StartAsync(puts);
        await bench.RecoverAsync(silo);
        await EndedAsync(silo);
        return (dead, silo);
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

        public ConcurrentQueue<string> Written { get; } = new();

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
            Written.Enqueue(what);
            return await call();
        }
    }
}

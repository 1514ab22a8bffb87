using Rollbook.Grains.Tests.Episodes;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Recovery;

/// <summary>A pass over a dead log that the storage's client gave up is no pass: the next who asks begins it anew.</summary>
public sealed class CancelledPassTests
{
    [Fact]
    public async Task Pass_AfterOneThatWasCancelled_IsDone()
    {
        var token = TestContext.Current.CancellationToken;
        var bench = new RecorderBench();
        var dead = await bench.StartAsync();
        var (owner, _) = await dead.OpenAsync();
        await owner.AppendAsync(BenchSilo.Batch(0, 3));
        bench.Kill(dead);
        var calls = new GivingUp();
        var silo = await bench.StartAsync(calls);
        await bench.RecoverAsync(silo);
        calls.GivesUp = true;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => silo.Recovery.PassAsync(dead.Log.Id).WaitAsync(RecorderBench.Patience, token));
        calls.GivesUp = false;

        await silo.Recovery.PassAsync(dead.Log.Id).WaitAsync(RecorderBench.Patience, token);
    }

    private sealed class GivingUp : CallGate
    {
        public bool GivesUp { get; set; }

        public override ValueTask<T> CallAsync<T>(string what, Func<ValueTask<T>> call) => GivesUp ? throw new TaskCanceledException() : call();
    }
}

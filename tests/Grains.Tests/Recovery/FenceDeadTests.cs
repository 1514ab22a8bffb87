using Rollbook.Grains.Tests.Episodes;
using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Grains.Tests.Recovery;

/// <summary>One dead log that can't be fenced holds up neither the others nor the start.</summary>
public sealed class FenceDeadTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FenceDead_WhenOneLogFails_FencesTheOthersAndTriesItAgain()
    {
        var bench = new RecorderBench();
        var silos = new[] { await bench.StartAsync(), await bench.StartAsync(), await bench.StartAsync() };
        foreach (var dead in silos) bench.Kill(dead);
        var silo = await bench.StartAsync();
        bench.Storage.BeforeFence = log => log == silos[0].Log.Id ? throw new UnauthorizedAccessException("test") : Task.CompletedTask;

        Assert.Equal(1, await silo.Recovery.FenceDeadAsync(silo.Log.Id, bench, Token));
        Assert.Equal(0, await silo.Recovery.RoundAsync(silo.Log.Id, static _ => Task.FromResult<long?>(null), Token));

        Assert.Equal(
            [LogState.Fencing, LogState.Recovered, LogState.Recovered],
            [await StateAsync(bench, silos[0]), await StateAsync(bench, silos[1]), await StateAsync(bench, silos[2])]);
        Assert.Equal(1, silo.Recovery.UnrecoveredLogs);
        bench.Storage.BeforeFence = null;
        Assert.Equal(0, await silo.Recovery.FenceDeadAsync(silo.Log.Id, bench, Token));
        Assert.Equal(LogState.Fenced, await StateAsync(bench, silos[0]));
    }

    [Fact]
    public async Task FenceDead_WhenItIsCancelled_SaysSo()
    {
        var bench = new RecorderBench();
        var dead = await bench.StartAsync();
        bench.Kill(dead);
        var silo = await bench.StartAsync();
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Token);
        bench.Storage.BeforeFence = async _ =>
        {
            await cancelled.CancelAsync();
            cancelled.Token.ThrowIfCancellationRequested();
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await silo.Recovery.FenceDeadAsync(silo.Log.Id, bench, cancelled.Token));
    }

    private static async Task<LogState> StateAsync(RecorderBench bench, BenchSilo silo) => (await bench.Registry.ReadAsync(silo.Log.Id, Token))!.State;
}

using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Rollbook.Recovery;
using Rollbook.StepLog;
using Rollbook.Testing;

namespace Rollbook.Cluster.Tests.Recovery;

public sealed class RecoveryCallTests
{
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestTest = TimeSpan.FromSeconds(30);
    private readonly FakeTimeProvider time = new();
    private readonly Queue<Task<bool>> answers = new();
    private readonly LogId log;
    private readonly ClusterRecovery recovery;

    public RecoveryCallTests()
    {
        log = LogId.New(time);
        var grain = FakeGrain.Of<ILogRecoveryGrain>((name, _) => name switch
        {
            nameof(ILogRecoveryGrain.Pass) => answers.Dequeue(),
            nameof(ILogRecoveryGrain.Recover) => new TaskCompletionSource<int>().Task,
            _ => throw new NotSupportedException(name),
        });
        recovery = new ClusterRecovery(
            FakeGrain.Of<IGrainFactory>((_, _) => grain), Options.Create(new ClusterOptions { CallSeconds = LongestCall.TotalSeconds }), time, NullLogger<ClusterRecovery>.Instance);
    }

    [Fact]
    public async Task Pass_WhenTheSiloGivesNoAnswer_FailsAfterOneCall()
    {
        answers.Enqueue(new TaskCompletionSource<bool>().Task);
        answers.Enqueue(Task.FromResult(true));
        var pass = recovery.PassAsync(log);

        time.Advance(LogRecoveryGrain.PassPatience + LongestCall);

        Assert.Same(pass, await Task.WhenAny(pass, Task.Delay(LongestTest, TimeProvider.System)));
        await Assert.ThrowsAsync<TimeoutException>(() => pass);
        _ = Assert.Single(answers);
    }

    [Fact]
    public async Task Pass_WhenItTakesLong_IsAskedForUntilItIsDone()
    {
        foreach (var done in (bool[])[false, false, false, false, true]) answers.Enqueue(Task.FromResult(done));

        await recovery.PassAsync(log);

        Assert.Empty(answers);
    }

    [Fact]
    public async Task Pass_WhenTheSiloHasDied_FindsAnother()
    {
        answers.Enqueue(Task.FromException<bool>(new SiloUnavailableException()));
        answers.Enqueue(Task.FromResult(true));

        await recovery.PassAsync(log);

        Assert.Empty(answers);
    }

    [Fact]
    public async Task Recover_WhenTheSiloGivesNoAnswer_FailsInTime()
    {
        var recover = recovery.RecoverAsync(log).AsTask();

        time.Advance(LogRecoveryGrain.RecoverPatience + LongestCall);

        Assert.Same(recover, await Task.WhenAny(recover, Task.Delay(LongestTest, TimeProvider.System)));
        await Assert.ThrowsAsync<TimeoutException>(() => recover);
    }
}

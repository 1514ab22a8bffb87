using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Rollbook.Episodes;
using Rollbook.Hosting;
using Rollbook.StepLog;
using Rollbook.Testing;

namespace Rollbook.Cluster.Tests.Recovery;

public sealed class RecoveryCallTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestTest = TimeSpan.FromSeconds(30);
    private static readonly SiloAddress There = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 12), 3);
    private readonly FakeTimeProvider time = new();
    private readonly MemoryLogRegistry registry = new();
    private readonly Queue<Task<DeadLogAnswer>> answers = new();
    private readonly LogId dead;
    private readonly LogId other;
    private readonly WriteAheadLog own;
    private SiloStatus status = SiloStatus.Active;

    public RecoveryCallTests()
    {
        (dead, other) = (LogId.New(time), LogId.New(time));
        own = new WriteAheadLog(LogId.New(time), new MemoryStepLogStorage(), new MemoryLogIndexStore(), new StepLogOptions(), time, new StepLogMeter());
    }

    [Fact]
    public async Task Pass_OfALogThatNobodyReads_IsThisSilos()
    {
        Assert.False(await Recovery().PassAsync(await DeadAsync(reader: null)));

        Assert.Equal(own.Id, await ReaderAsync());
    }

    [Fact]
    public async Task Pass_WhenAnotherReadsAndItTakesLong_IsAskedForUntilItIsDone()
    {
        foreach (var left in (int[])[1, 1, 1, 1, 0]) answers.Enqueue(Task.FromResult(Done(left)));

        Assert.True(await Recovery().PassAsync(await DeadAsync(other)));

        Assert.Empty(answers);
        Assert.Equal(other, await ReaderAsync());
    }

    [Fact]
    public async Task Pass_WhenTheReadersSiloIsDead_IsThisSilosWithoutACall()
    {
        status = SiloStatus.Dead;

        Assert.False(await Recovery().PassAsync(await DeadAsync(other)));

        Assert.Equal(own.Id, await ReaderAsync());
    }

    [Fact]
    public async Task Pass_WhenTheReadersSiloHasAnotherLog_IsThisSilos()
    {
        answers.Enqueue(Task.FromResult(new DeadLogAnswer { Outcome = PeerOutcome.NotMine }));

        Assert.False(await Recovery().PassAsync(await DeadAsync(other)));

        Assert.Equal(own.Id, await ReaderAsync());
    }

    [Fact]
    public async Task Pass_WhenTheReadersSiloStopped_IsThisSilosWithoutACall()
    {
        var row = await DeadAsync(other);
        await registry.ReplaceAsync((await registry.ReadAsync(other, None))! with { State = LogState.Fenced }, None);

        Assert.False(await Recovery().PassAsync(row));
    }

    [Fact]
    public async Task Pass_WhenTheReaderGivesNoAnswer_IsThisSilosAfterOneCall()
    {
        answers.Enqueue(new TaskCompletionSource<DeadLogAnswer>().Task);
        answers.Enqueue(Task.FromResult(Done(0)));
        var pass = Recovery().PassAsync(await DeadAsync(other));

        time.Advance(DeadLogService.PassPatience + LongestCall);

        Assert.False(await pass.WaitAsync(LongestTest, TimeProvider.System));
        _ = Assert.Single(answers);
        Assert.Equal(own.Id, await ReaderAsync());
    }

    [Fact]
    public async Task Pass_WhenAThirdTookItOver_AsksThat()
    {
        var third = LogId.New(time);
        await registry.InsertAsync(Row(third, There), None);
        var old = await DeadAsync(reader: null);
        await registry.ReplaceAsync(old with { Reader = third }, None);
        answers.Enqueue(Task.FromResult(Done(0)));

        Assert.True(await Recovery().PassAsync(old));

        Assert.Equal(third, await ReaderAsync());
    }

    [Fact]
    public async Task Recover_WhenAnotherReads_TellsWhatThatHasLeft()
    {
        answers.Enqueue(Task.FromResult(Done(7)));

        Assert.Equal(7, await Recovery().RecoverAsync(await DeadAsync(other), static _ => throw new InvalidOperationException("It is the other's.")));
    }

    [Fact]
    public async Task Recover_WhenTheReaderGivesNoAnswer_IsThisSilosInTime()
    {
        answers.Enqueue(new TaskCompletionSource<DeadLogAnswer>().Task);
        var recover = Recovery().RecoverAsync(await DeadAsync(other), log => Task.FromResult(log == dead ? 9 : 0)).AsTask();

        time.Advance(DeadLogService.RecoverPatience + LongestCall);

        Assert.Equal(9, await recover.WaitAsync(LongestTest, TimeProvider.System));
    }

    private static DeadLogAnswer Done(int left) => new() { Outcome = PeerOutcome.Ok, Left = left };

    private static LogRow Row(LogId log, SiloAddress silo) =>
        new() { Log = log, Address = silo.Endpoint.ToString(), Generation = silo.Generation, BootId = "b", ProcessId = 1, CreatedAt = 0 };

    private ClusterRecovery Recovery()
    {
        var options = Options.Create(new ClusterOptions { CallSeconds = LongestCall.TotalSeconds });
        var service = FakeGrain.Of<ILogGrainService>((_, _) => answers.Dequeue());
        var snapshot = new ClusterMembershipSnapshot(ImmutableDictionary<SiloAddress, ClusterMember>.Empty.Add(There, new ClusterMember(There, status, "there")), new MembershipVersion(1));
        var peers = new ClusterLogPeers(
            new LogService(own), own, FakeGrain.Of<ILogServiceClient>((_, _) => service), FakeGrain.Of<IClusterMembershipService>((_, _) => snapshot), options, time,
            NullLogger<ClusterLogPeers>.Instance);
        return new ClusterRecovery(own, registry, peers, options);
    }

    private async Task<LogRow> DeadAsync(LogId? reader)
    {
        await registry.InsertAsync(Row(other, There), None);
        await registry.InsertAsync(Row(dead, SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 13), 4)) with { State = LogState.Fenced, Fence = 1, Reader = reader }, None);
        return (await registry.ReadAsync(dead, None))!;
    }

    private async Task<LogId?> ReaderAsync() => (await registry.ReadAsync(dead, None))!.Reader;
}

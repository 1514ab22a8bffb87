using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Rollbook.Episodes;
using Rollbook.Grains.Tests.StepLog.Commit;
using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.StepLog.Objects;

/// <summary>What a log in an object store costs: a commit each 50 ms at 2,000 steps a second.</summary>
public sealed class ObjectOperationsTests
{
    private const int Interval = 50;
    private const int StepsPerInterval = 100;
    private const int Episodes = 1000;

    /// <summary>Puts and lists of the store for a million steps.</summary>
    private const long Budget = 11_000;

    [Fact]
    public async Task Log_AtTwoThousandStepsASecond_StaysWithinTheBudgetAndIsSilentWhenIdle()
    {
        var steps = int.TryParse(Environment.GetEnvironmentVariable("ROLLBOOK_OBJECT_STEPS"), CultureInfo.InvariantCulture, out var set) ? set : 100_000;
        var time = new FakeTimeProvider();
        var store = new CountingObjectContainer(new MemoryObjectContainer());
        using var meter = new StepLogMeter();
        var options = new ObjectStepLogOptions();
        var log = new WriteAheadLog(
            LogId.New(time), new ObjectStepLogStorage(store, options, time, 1), new ObjectLogIndexStore(store, options, time, 2),
            new StepLogOptions { CommitMilliseconds = Interval, SegmentBytes = 16 << 20 }, time, meter);
        await log.StartAsync(CancellationToken.None);
        var claims = await ClaimAsync(log, time);
        var before = store.Writes;
        for (var sent = 0; sent < steps; sent += StepsPerInterval)
        {
            // A chunk was just taken: what comes now waits for the next one.
            Task commit = Task.CompletedTask;
            for (var i = 0; i < StepsPerInterval; i++) commit = log.Append(claims[(sent + i) % Episodes], FrameKind.Steps, 1, TestSteps.OfLength(1, 400).Bytes.Span);
            time.Advance(TimeSpan.FromMilliseconds(Interval));
            await commit.WaitAsync(LogBench.Patience, TimeProvider.System);
        }

        var busy = store.Writes - before;
        for (var minute = 0; minute < 60; minute++) time.Advance(TimeSpan.FromMinutes(1));
        var idle = store.Writes - before - busy;
        await log.CloseAsync();
        var perMillion = busy * 1_000_000 / steps;

        Figures.Report("Objects", $"{steps} steps at 2,000 a second, a commit each {Interval} ms: {busy} writes of blobs, {perMillion} per million steps, {idle} in an idle hour");
        Assert.True(perMillion <= Budget, $"{perMillion} writes per million steps, the budget is {Budget}");
        Assert.Equal(0, idle);
    }

    private static async Task<List<LogClaim>> ClaimAsync(WriteAheadLog log, FakeTimeProvider time)
    {
        var claims = new List<LogClaim>();
        Task commit = Task.CompletedTask;
        for (var i = 1; i <= Episodes; i++) claims.Add(log.Begin(1, LogBench.Tail(new EpisodeKey(EpisodeKey.DefaultProject, new EpisodeId((UInt128)i))), out commit));
        // The first ones went at once, the others with the next chunk.
        time.Advance(TimeSpan.FromMilliseconds(Interval));
        await commit.WaitAsync(LogBench.Patience, TimeProvider.System);
        foreach (var claim in claims) log.Confirm(claim);
        return claims;
    }
}

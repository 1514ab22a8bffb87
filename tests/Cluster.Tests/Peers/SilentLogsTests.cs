using Microsoft.Extensions.Time.Testing;
using Rollbook.StepLog;

namespace Rollbook.Cluster.Tests.Peers;

public sealed class SilentLogsTests
{
    private static readonly LogId Log = new(1);

    private readonly FakeTimeProvider time = new();
    private readonly SilentLogs logs;

    public SilentLogsTests() => logs = new SilentLogs(TimeSpan.FromSeconds(60), time);

    [Fact]
    public void Failed_ForAMinuteWithoutAnAnswer_IsToBeFenced()
    {
        for (var i = 0; i < 6; i++)
        {
            Assert.False(Failed(Log));
            time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.True(Failed(Log));
        Assert.False(Failed(new LogId(2)));
    }

    [Fact]
    public void Failed_AfterAnAnswer_CountsAnew()
    {
        Failed(Log);
        time.Advance(TimeSpan.FromSeconds(59));
        logs.Answered(Log);
        Assert.False(Failed(Log));
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(Failed(Log));
    }

    [Fact]
    public void Failed_LongAfterALoneFailure_CountsAnew()
    {
        Failed(Log);
        time.Advance(TimeSpan.FromHours(1));
        Assert.False(Failed(Log));
    }

    [Fact]
    public void Failed_OfACallThatTookThatLong_IsToBeFenced()
    {
        var asked = time.GetTimestamp();
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.True(logs.Failed(Log, asked));
    }

    private bool Failed(LogId log) => logs.Failed(log, time.GetTimestamp());
}

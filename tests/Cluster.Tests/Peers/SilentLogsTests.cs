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
            Assert.False(logs.Failed(Log));
            time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.True(logs.Failed(Log));
        Assert.False(logs.Failed(new LogId(2)));
    }

    [Fact]
    public void Failed_AfterAnAnswer_CountsAnew()
    {
        logs.Failed(Log);
        time.Advance(TimeSpan.FromSeconds(59));
        logs.Answered(Log);
        Assert.False(logs.Failed(Log));
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(logs.Failed(Log));
    }

    [Fact]
    public void Failed_LongAfterALoneFailure_CountsAnew()
    {
        logs.Failed(Log);
        time.Advance(TimeSpan.FromHours(1));
        Assert.False(logs.Failed(Log));
    }
}

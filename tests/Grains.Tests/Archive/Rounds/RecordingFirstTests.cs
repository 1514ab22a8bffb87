using Rollbook.Archive;
using Xunit;

namespace Rollbook.Grains.Tests.Archive;

/// <summary>When the archiver pauses for recording, and for how long.</summary>
public sealed class RecordingFirstTests
{
    private const int Pack = 64 << 20;

    private static readonly RunQueue Short = new(TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(200));
    private static readonly RunQueue Free = new(TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(10));
    private static readonly TimeSpan Took = TimeSpan.FromMilliseconds(400);

    [Fact]
    public void PauseAfter_InABurst_IsFourTimesTheWork() => Assert.Equal(4 * Took, Pause(Short, 3L * Pack));

    [Fact]
    public void PauseAfter_LongWork_IsTwoSecondsAtMost() =>
        Assert.Equal(TimeSpan.FromSeconds(2), RecordingFirst.PauseAfter(TimeSpan.FromSeconds(9), Short, 3L * Pack, new ArchiveOptions()));

    [Theory]
    [InlineData((2L * Pack) - 1)] // It keeps up.
    [InlineData(2L << 30)] // The log has grown enough.
    public void PauseAfter_OutsideTheBounds_IsNone(long backlog) => Assert.Equal(TimeSpan.Zero, Pause(Short, backlog));

    [Fact]
    public void PauseAfter_WithProcessorsToSpare_IsNone() => Assert.Equal(TimeSpan.Zero, Pause(Free, 3L * Pack));

    [Fact]
    public void PauseAfter_WhereTheSystemDoesNotTell_IsNone() => Assert.Equal(TimeSpan.Zero, Pause(null, 3L * Pack));

    [Fact]
    public void PauseAfter_WithoutBurst_IsNone() =>
        Assert.Equal(TimeSpan.Zero, RecordingFirst.PauseAfter(Took, Short, 3L * Pack, new ArchiveOptions { BurstBytes = 0 }));

    [Theory]
    [InlineData("3000000 1000000 17\n", 3, 1)]
    [InlineData("0 0 0", 0, 0)]
    public void Parse_TheKernelsLine_GivesItsTimes(string line, int ran, int waited) =>
        Assert.Equal(new RunQueue(TimeSpan.FromMilliseconds(ran), TimeSpan.FromMilliseconds(waited)), RunQueue.Parse(line));

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("a b c")]
    public void Parse_AnotherLine_GivesNothing(string line) => Assert.Null(RunQueue.Parse(line));

    [Fact]
    public void OfThisThread_BetweenTwoReadings_GrowsByItsWork()
    {
        Assert.SkipUnless(File.Exists("/proc/thread-self/schedstat"), "This kernel doesn't count how long threads wait.");
        var before = RunQueue.OfThisThread()!.Value;
        // Some work, until the counter has seen it: it counts in slices.
        while ((RunQueue.OfThisThread()!.Value - before).Ran == TimeSpan.Zero) Thread.SpinWait(1000);

        Assert.InRange((RunQueue.OfThisThread()!.Value - before).WaitedShare, 0, 1);
    }

    private static TimeSpan Pause(RunQueue? queue, long backlog) => RecordingFirst.PauseAfter(Took, queue, backlog, new ArchiveOptions());
}

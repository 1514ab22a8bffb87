using CsCheck;
using Xunit;

namespace Rollbook.Cli.Tests.Bench;

public sealed class LatencyHistogramTests
{
    // From 0 over 100 ns to half an hour, each order of magnitude alike.
    private static readonly Gen<TimeSpan> Duration = Gen.Select(Gen.Int[0, 34], Gen.Double[0, 1], (bits, part) => TimeSpan.FromTicks((long)((1L << bits) * part)));

    [Fact]
    public void Quantile_WhenComparedWithASortedList_IsTheSameOrLessThanOnePercentAbove() =>
        Gen.Select(Duration.List[1, 400], Gen.Double[0, 1]).Sample((durations, share) =>
        {
            var histogram = new LatencyHistogram();
            durations.ForEach(histogram.Record);
            var sorted = durations.Order().ToList();
            var exact = sorted[Math.Max(1, (int)Math.Ceiling(share * sorted.Count)) - 1];

            var quantile = histogram.Quantile(share);

            Assert.InRange(quantile, exact, exact + TimeSpan.FromTicks(1) + (exact / 128));
            Assert.Equal(sorted[^1], histogram.Max);
            Assert.Equal(sorted.Count, histogram.Count);
        });

    [Fact]
    public void Quantile_WhenNothingWasRecorded_IsZero() => Assert.Equal(TimeSpan.Zero, new LatencyHistogram().Quantile(0.99));

    [Fact]
    public void Record_WhenLongerThanTheLastBucket_IsCountedAndItsMaxIsExact()
    {
        var histogram = new LatencyHistogram();

        histogram.Record(TimeSpan.FromDays(2));

        Assert.Equal(1, histogram.Count);
        Assert.Equal(TimeSpan.FromDays(2), histogram.Max);
    }

    [Fact]
    public void Record_WhenCalled_AllocatesNothing()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(TimeSpan.FromMilliseconds(1));
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 1000; i++)
            histogram.Record(TimeSpan.FromTicks(i * 997));

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}

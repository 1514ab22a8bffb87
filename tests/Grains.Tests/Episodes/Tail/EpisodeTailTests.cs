using CsCheck;
using Rollbook.Episodes;
using Rollbook.Grains.Tests.Golden;
using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Grains.Tests.Episodes.Tail;

public sealed class EpisodeTailTests
{
    private static readonly Gen<byte[]> Step =
        from flags in Gen.UInt[0, 15]
        from hash in Gen.ULong
        from number in Gen.OneOf(Gen.Const(StepEntry.NoStepNumber), Gen.Long)
        from rewards in Gen.Double[-10, 10].Array[2]
        from rate in Gen.OneOf(Gen.Const(double.NaN), Gen.Double[0, 1])
        from at in Gen.Long[0, long.MaxValue]
        from line in Gen.Byte.Array[0, 20]
        select Entry((StepFlags)flags, hash, at, number, rewards[0], rewards[1], rate, line);

    [Fact]
    public void Apply_OfFramesOfAnyCut_GivesTheSumsOfTheSteps() =>
        Gen.Select(Step.Array[1, 40], Gen.Int[1, 7].Array[40]).Sample(static (steps, cuts) =>
        {
            var tail = Empty();
            var at = 0;
            foreach (var cut in cuts)
            {
                var some = steps[at..Math.Min(steps.Length, at + cut)];
                if (some.Length > 0) tail.Apply(FrameKind.Steps, at, some.Length, some.SelectMany(static s => s).ToArray());
                at += some.Length;
                // What recovery makes of the bytes goes on as the tail itself does.
                tail = TailCodec.Read(tail.Key, GoldenValues.Payload(tail, withHashes: true));
            }

            AssertSums(steps, tail);
        }, iter: 200);

    [Fact]
    public void Apply_OfAnEndAndAResume_ChangesTheRecordAndKeepsTheCounts()
    {
        var tail = Empty();
        tail.Apply(FrameKind.Steps, 0, 1, GoldenValues.Step());
        var lost = tail.Record with { Status = EpisodeStatus.Lost, EndCause = "silent", EndTime = 5 };

        tail.Apply(FrameKind.End, 1, 0, GoldenValues.Payload(tail.With(lost, tail.WriterEpoch, tail.Writer), false));
        Assert.True(tail.Ended);
        Assert.Equal(lost, tail.Record);

        tail.Apply(FrameKind.Resume, 1, 0, GoldenValues.Payload(tail.With(lost with { Status = EpisodeStatus.Running }, 2, "w"), false));
        Assert.False(tail.Ended);
        Assert.Equal((2, "w"), (tail.WriterEpoch, tail.Writer));
        Assert.Equal(1, tail.NextOrdinal);
        Assert.True(tail.Hashes.TryGet(0, out _));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(0, 2)]
    [InlineData(0, 0)]
    public void Apply_OfStepsThatDoNotFit_ChangesNothing(long ordinal, int count)
    {
        var tail = Empty();

        Assert.Throws<InvalidDataException>(() => tail.Apply(FrameKind.Steps, ordinal, count, GoldenValues.Step()));

        Assert.Equal(0, tail.NextOrdinal);
        Assert.Equal(StepSummary.Empty, tail.Summary);
    }

    [Fact]
    public void Copy_OfATail_SharesNothing()
    {
        var tail = GoldenValues.Tail();
        var copy = tail.Copy();
        Assert.Equal(tail.Record, copy.Record);
        Assert.Equal(tail.Summary, copy.Summary);
        Assert.True(copy.Hashes.TryGet(1, out var hash) && hash == ~GoldenValues.Hash);

        copy.Apply(FrameKind.Steps, 2, 1, GoldenValues.Step());

        Assert.Equal(2, tail.NextOrdinal);
        Assert.Equal(2, tail.Hashes.Count);
    }

    private static EpisodeTail Empty() =>
        new(new EpisodeRecord { Key = GoldenValues.Key, Worker = "w", Task = "t", VariantId = "v", StartTime = 1 }, StepSummary.Empty, 1, null);

    private static void AssertSums(byte[][] steps, EpisodeTail tail)
    {
        long errors = 0, flagged = 0, total = 0;
        double sum = 0, cumulative = 0;
        double? rate = null;
        for (var i = 0; i < steps.Length; i++)
        {
            var step = StepEntry.Read(steps[i]);
            if (step.Flags.HasFlag(StepFlags.Error)) errors++;
            if (step.Flags.HasFlag(StepFlags.Flagged)) flagged++;
            sum += step.Reward;
            cumulative = step.CumulativeReward;
            if (!double.IsNaN(step.PassRate)) rate = step.PassRate;
            total = step.StepNumber == StepEntry.NoStepNumber ? i + 1 : step.StepNumber;
            Assert.True(tail.Hashes.TryGet(i, out var hash) && hash == step.Hash);
            Assert.True(i < steps.Length - 1 || tail.LastReceivedAt == step.ReceivedAt);
        }

        Assert.Equal((errors, flagged, rate), (tail.Summary.Errors, tail.Summary.Flagged, tail.Summary.LastPassRate));
        Assert.Equal((sum, cumulative), (tail.Summary.RewardSum, tail.Summary.CumulativeReward));
        Assert.Equal((steps.Length, total), (tail.Record.StepCount, tail.Record.TotalSteps));
    }

    private static byte[] Entry(StepFlags flags, ulong hash, long at, long number, double reward, double cumulative, double rate, byte[] line)
    {
        var entry = new byte[StepEntry.HeaderSize + line.Length];
        line.CopyTo(entry, StepEntry.HeaderSize);
        StepEntry.WriteHead(entry, line.Length, flags, hash, at, number, reward, cumulative, rate);
        return entry;
    }
}

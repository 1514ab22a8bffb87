using System.Text;
using CsCheck;
using Rollbook.Episodes;
using Rollbook.Grains.Tests.Golden;
using Xunit;

namespace Rollbook.Grains.Tests.Episodes.Tail;

public sealed class TailCodecTests
{
    private static readonly Gen<string> Text = Gen.Char.Where(static c => !char.IsSurrogate(c)).Array[0, 12].Select(static c => new string(c));
    private static readonly double[] Special = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, double.Epsilon, double.MaxValue];
    private static readonly Gen<double> Number = Gen.OneOf(Gen.Double, Gen.Int[0, Special.Length - 1].Select(static i => Special[i]));

    [Theory]
    [InlineData("tail-start-v1.bin", false, false)]
    [InlineData("tail-end-v1.bin", true, false)]
    [InlineData("tail-owned-v1.bin", false, true)]
    public void Write_OfATail_GivesTheGoldenBytes(string name, bool ended, bool hashes) =>
        GoldenFile.AssertWritten(name, GoldenValues.Payload(ended ? GoldenValues.EndedTail() : GoldenValues.Tail(), hashes));

    [Theory]
    [InlineData("tail-start-v1.bin", false, false)]
    [InlineData("tail-end-v1.bin", true, false)]
    [InlineData("tail-owned-v1.bin", false, true)]
    public void Read_OfTheGoldenTail_GivesEveryField(string name, bool ended, bool hashes)
    {
        var expected = ended ? GoldenValues.EndedTail() : GoldenValues.Tail();

        var tail = TailCodec.Read(GoldenValues.Key, GoldenFile.Read(name));

        Assert.Equal(expected.Record, tail.Record);
        Assert.Equal(expected.Summary, tail.Summary);
        Assert.Equal((expected.NextOrdinal, expected.TotalSteps, expected.WriterEpoch, expected.Writer), (tail.NextOrdinal, tail.TotalSteps, tail.WriterEpoch, tail.Writer));
        Assert.Equal(hashes ? 2 : 0, tail.Hashes.Count);
        Assert.Equal(2, tail.Hashes.Next);
        Assert.Equal(hashes, tail.Hashes.TryGet(0, out var first) && first == GoldenValues.Hash);
    }

    [Fact]
    public void Write_OfATailWithEvents_GivesTheGoldenBytes() =>
        GoldenFile.AssertWritten("tail-scored-v1.bin", GoldenValues.Payload(GoldenValues.ScoredTail(), withHashes: false));

    [Fact]
    public void Read_OfTheGoldenTailWithEvents_GivesThemAll()
    {
        var tail = TailCodec.Read(GoldenValues.Key, GoldenFile.Read("tail-scored-v1.bin"));

        var events = tail.Events!;
        Assert.True(events.TryGet("verifier:1", out var score) && score == GoldenValues.Hash);
        Assert.True(events.TryGet("ui:1", out var label) && label == ~GoldenValues.Hash);
        Assert.False(events.TryGet("ui:2", out _));
        Assert.Equal((2, 1, 2L, true, double.NegativeInfinity), (events.Count, events.ScoreCount, events.ScoresFrom, events.Judged, events.Verdict));
        Assert.Equal(["pinned", "ä"], events.Labels);
        Assert.Equal((double.NegativeInfinity, double.NaN, 1), (tail.Record.FinalScore, tail.Record.ReportedScore, tail.Record.ScoreCount));
        Assert.Equal(events.Labels, tail.Record.Labels);
    }

    [Theory]
    [InlineData("null", null, true)]
    [InlineData("0.5", 0.5, true)]
    [InlineData("\"NaN\"", double.NaN, true)]
    [InlineData(null, null, false)]
    public void Read_OfAVerdict_TellsNullFromNone(string? verdict, double? value, bool judged)
    {
        var json = Encoding.UTF8.GetString(GoldenValues.Payload(GoldenValues.EndedTail(), withHashes: false));
        var field = verdict is null ? "" : $",\"verdict\":{verdict}";

        var tail = TailCodec.Read(GoldenValues.Key, Encoding.UTF8.GetBytes($"{{\"events\":\"\"{field},{json[1..]}"));

        Assert.Equal((judged, judged ? value : double.NaN), (tail.Events!.Judged, tail.Record.FinalScore));
    }

    [Fact]
    public void Read_OfFieldsThatALaterReleaseAdded_PassesOverThem()
    {
        var json = Encoding.UTF8.GetString(GoldenValues.Payload(GoldenValues.Tail(), withHashes: false));

        var tail = TailCodec.Read(GoldenValues.Key, Encoding.UTF8.GetBytes("{\"later\":{\"x\":[1]}," + json[1..]));

        Assert.Equal(GoldenValues.Tail().Record, tail.Record);
    }

    [Fact]
    public void Read_OfAnyWrittenTail_GivesItBack() => Tails.Sample(static tail =>
    {
        var read = TailCodec.Read(tail.Key, GoldenValues.Payload(tail, withHashes: true));
        Assert.Equal(tail.Record, read.Record);
        Assert.Equal(tail.Summary, read.Summary);
        Assert.Equal((tail.WriterEpoch, tail.Writer, tail.NextOrdinal), (read.WriterEpoch, read.Writer, read.NextOrdinal));
        Assert.Equal(tail.Hashes.Count, read.Hashes.Count);
        for (var ordinal = tail.NextOrdinal - tail.Hashes.Count; ordinal < tail.NextOrdinal; ordinal++)
        {
            Assert.True(tail.Hashes.TryGet(ordinal, out var mine) && read.Hashes.TryGet(ordinal, out var theirs) && mine == theirs);
        }
    });

    private static readonly Gen<EpisodeTail> Tails =
        from texts in Text.Array[12]
        from given in Gen.Bool.Array[12]
        from numbers in Number.Array[6]
        from integers in Gen.Long.Array[4]
        from steps in Gen.Long[0, 1L << 40]
        from hashes in Gen.ULong.Array[0, 300]
        from status in Gen.Enum<EpisodeStatus>()
        select Make(texts, given, numbers, integers, steps, hashes, status);

    private static EpisodeTail Make(string[] texts, bool[] given, double[] numbers, long[] integers, long steps, ulong[] hashes, EpisodeStatus status)
    {
        string? Optional(int i) => given[i] ? texts[i] : null;
        var record = new EpisodeRecord
        {
            Key = GoldenValues.Key,
            Worker = texts[0],
            Task = texts[1],
            VariantId = texts[2],
            StartTime = numbers[0],
            EndTime = given[0] ? numbers[1] : null,
            Status = status,
            EndCause = Optional(3),
            FinalScore = given[1] ? numbers[2] : null,
            ReportedScore = given[1] ? numbers[2] : null,
            TotalSteps = integers[0],
            StepCount = steps,
            Metadata = Optional(4),
            InitialObservation = Optional(5),
            GroupId = Optional(6),
            Attempt = given[2] ? (int)integers[1] : null,
            Seed = given[7] ? integers[2] : null,
            PolicyVersion = Optional(8),
            Environment = Optional(9),
            ParentEpisodeId = given[10] ? GoldenValues.OtherKey.Id : null,
            DeadlineSeconds = numbers[3],
            StartHash = new UInt128((ulong)integers[3], (ulong)steps),
        };
        var sums = new StepSummary
        {
            Errors = integers[1], Flagged = integers[2], RewardSum = numbers[4], CumulativeReward = numbers[5], LastPassRate = given[11] ? numbers[1] : null,
            LastReceivedAt = integers[3],
        };
        var tail = new EpisodeTail(record, sums, integers[0], Optional(11));
        tail.Hashes.Reset(steps - Math.Min(Math.Min(hashes.Length, HashRing.Capacity), steps));
        while (tail.Hashes.Next < steps) tail.Hashes.Add(new UInt128(7, hashes[(int)(steps - tail.Hashes.Next) - 1]));
        return tail;
    }
}

using System.Buffers;
using System.Text;
using Rollbook.Episodes;
using Rollbook.StepLog;

namespace Rollbook.Grains.Tests.Golden;

/// <summary>What the golden files hold.</summary>
internal static class GoldenValues
{
    public static readonly LogId Log = LogId.Parse("01KAR5G0000000000000000MAG");
    public static readonly EpisodeKey Key = new("mañana", EpisodeId.Parse("01KAR5G0000000000000EPS0D1"));
    public static readonly EpisodeKey OtherKey = new(EpisodeKey.DefaultProject, EpisodeId.Parse("01KAR5G0000000000000EPS0D2"));
    public static readonly UInt128 Hash = UInt128.Parse("0123456789abcdeffedcba9876543210", System.Globalization.NumberStyles.HexNumber, null);

    /// <summary>A step with every field of the head set.</summary>
    public static byte[] Step()
    {
        var line = Encoding.UTF8.GetBytes("""{"action_type":"run","action_query":"ls ü"}""");
        var entry = new byte[StepEntry.HeaderSize + line.Length];
        line.CopyTo(entry, StepEntry.HeaderSize);
        StepEntry.WriteHead(
            entry, line.Length, StepFlags.Done | StepFlags.Error | StepFlags.HasTimestamp, Hash, 1_763_890_000_250_000, -7, 0.25, double.NegativeInfinity, double.NaN);
        return entry;
    }

    /// <summary>A record with every field set.</summary>
    public static EpisodeRecord Record() => new()
    {
        Key = Key,
        Worker = "host.0",
        Task = "org/repo#12",
        VariantId = "v3",
        StartTime = 1_763_890_000.25,
        TotalSteps = 41,
        StepCount = 2,
        Metadata = """{"a": [1, 2.50]}""",
        InitialObservation = "\"ü\\n\"",
        GroupId = "g",
        Attempt = 3,
        Seed = long.MinValue,
        PolicyVersion = "p-9",
        Environment = "env:1",
        ParentEpisodeId = OtherKey.Id,
        DeadlineSeconds = 90.5,
        StartHash = Hash,
    };

    public static EpisodeTail Tail()
    {
        var sums = new StepSummary
        {
            Errors = 1, Flagged = 2, RewardSum = double.NaN, CumulativeReward = double.PositiveInfinity, LastPassRate = 0.5, LastReceivedAt = 1_763_890_000_250_000,
        };
        var tail = new EpisodeTail(Record(), sums, 4, "trainer@host");
        tail.Hashes.Reset(0);
        tail.Hashes.Add(Hash);
        tail.Hashes.Add(~Hash);
        return tail;
    }

    public static EpisodeTail EndedTail() => Tail().With(
        Record() with { Status = EpisodeStatus.Completed, EndCause = "submitted", FinalScore = double.NaN, ReportedScore = double.NaN, EndTime = 1_763_890_009 }, 4, null);

    public static ScoreEvent Score() => new()
    {
        EventId = "verifier:1",
        Name = ScoreEvent.Final,
        Value = double.NegativeInfinity,
        Source = "ünit",
        Rationale = "12 of 12\npassed",
        Metadata = """{"a": [1, 2.50]}""",
        Time = 1_763_890_600.5,
    };

    /// <summary>An ended tail that was scored and labelled since.</summary>
    public static EpisodeTail ScoredTail()
    {
        var tail = EndedTail().With(EndedTail().Record, 4, null);
        var labels = new LabelEvent { EventId = "ui:1", Add = ["pinned", "ä"] };
        tail.Apply(FrameKind.Score, 2, 0, ScoreCodec.Write(Score(), Hash, 5).Span);
        tail.Apply(FrameKind.Label, 2, 0, LabelCodec.Write(labels, ~Hash, 5).Span);
        return tail;
    }

    public static byte[] Payload(EpisodeTail tail, bool withHashes)
    {
        var bytes = new ArrayBufferWriter<byte>();
        TailCodec.Write(bytes, tail, withHashes);
        return bytes.WrittenSpan.ToArray();
    }

    public static byte[] Frame(FrameKind kind, EpisodeKey key, long term, long ordinal, int count, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[FrameCodec.LengthOf(key, payload.Length)];
        FrameCodec.Write(frame, kind, key, term, ordinal, count, payload);
        return frame;
    }

    public static byte[] StepsFrame() => Frame(FrameKind.Steps, Key, 3, 2, 1, Step());

    /// <summary>A chunk of these frames.</summary>
    public static byte[] Chunk(ChunkAddress at, uint previousCrc, params byte[][] frames)
    {
        var length = frames.Sum(static f => f.Length);
        var chunk = new byte[ChunkCodec.PaddedLength(length)];
        var offset = ChunkCodec.HeaderSize;
        foreach (var frame in frames)
        {
            frame.CopyTo(chunk, offset);
            offset += frame.Length;
        }

        ChunkCodec.Seal(chunk, Log, at, previousCrc, frames.Length, length);
        return chunk;
    }

    /// <summary>The same frame as a newer release might write it, whole and with a right CRC.</summary>
    public static byte[] AsNewer(byte[] frame, byte? version = null, byte? kind = null)
    {
        var newer = (byte[])frame.Clone();
        newer[8] = kind ?? newer[8];
        newer[9] = version ?? newer[9];
        var crc = Crc32C.Append(Crc32C.Append(0, newer.AsSpan(0, FrameCodec.CrcOffset)), newer.AsSpan(FrameCodec.CrcOffset + 4));
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(newer.AsSpan(FrameCodec.CrcOffset), crc);
        return newer;
    }
}

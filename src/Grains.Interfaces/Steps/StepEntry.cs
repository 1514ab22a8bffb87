using System.Buffers.Binary;

namespace Rollbook.Steps;

/// <summary>
/// One step as the edge encoded it and as it lies in a frame; numbers little-endian.
/// <code>
///   0  line length        i32
///   4  flags              u32   see StepFlags
///   8  hash               16 bytes: the first 16 of SHA-256 of the line, big-endian
///  24  received at        i64   Unix microseconds; what the recorder adds, outside the hash
///  32  step number        i64   the caller's, or -2^63 where it gave none
///  40  reward             f64
///  48  cumulative reward  f64
///  56  test pass rate     f64   NaN where none
///  64  line               UTF-8 JSON, canonical, no line feed
/// </code>
/// </summary>
public readonly ref struct StepEntry
{
    /// <summary>Length of the fixed head.</summary>
    public const int HeaderSize = 64;

    /// <summary>Stands for a step number that was not given.</summary>
    public const long NoStepNumber = long.MinValue;

    /// <summary>Where the receive time stands in an entry.</summary>
    internal const int ReceivedAtOffset = 24;

    private readonly ReadOnlySpan<byte> bytes;

    private StepEntry(ReadOnlySpan<byte> bytes) => this.bytes = bytes;

    /// <summary>Bytes from this entry's start to the next one's.</summary>
    public int Length => bytes.Length;

    /// <summary>What is known of the step without reading its line.</summary>
    public StepFlags Flags => (StepFlags)BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);

    /// <summary>Names the content: equal hash = same step.</summary>
    public UInt128 Hash => BinaryPrimitives.ReadUInt128BigEndian(bytes[8..]);

    /// <summary>Unix microseconds.</summary>
    public long ReceivedAt => BinaryPrimitives.ReadInt64LittleEndian(bytes[ReceivedAtOffset..]);

    /// <summary>The caller's number, <see cref="NoStepNumber"/> where it gave none.</summary>
    public long StepNumber => BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]);

    /// <summary>The reward.</summary>
    public double Reward => BinaryPrimitives.ReadDoubleLittleEndian(bytes[40..]);

    /// <summary>The cumulative reward.</summary>
    public double CumulativeReward => BinaryPrimitives.ReadDoubleLittleEndian(bytes[48..]);

    /// <summary>The pass rate; NaN where none.</summary>
    public double PassRate => BinaryPrimitives.ReadDoubleLittleEndian(bytes[56..]);

    /// <summary>The canonical line.</summary>
    public ReadOnlySpan<byte> Line => bytes[HeaderSize..];

    /// <summary>The whole entry.</summary>
    public ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>Reads the entry that starts <paramref name="bytes"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a whole entry.</exception>
    public static StepEntry Read(ReadOnlySpan<byte> bytes)
    {
        var length = bytes.Length < HeaderSize ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length < 0 || length > bytes.Length - HeaderSize) throw new InvalidDataException("The bytes are not a step entry.");
        return new StepEntry(bytes[..(HeaderSize + length)]);
    }

    /// <summary>Writes the fixed head in front of a line that already stands behind it.</summary>
    public static void WriteHead(
        Span<byte> head, int lineLength, StepFlags flags, UInt128 hash, long receivedAt, long stepNumber, double reward, double cumulativeReward, double passRate)
    {
        BinaryPrimitives.WriteInt32LittleEndian(head, lineLength);
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], (uint)flags);
        BinaryPrimitives.WriteUInt128BigEndian(head[8..], hash);
        BinaryPrimitives.WriteInt64LittleEndian(head[24..], receivedAt);
        BinaryPrimitives.WriteInt64LittleEndian(head[32..], stepNumber);
        BinaryPrimitives.WriteDoubleLittleEndian(head[40..], reward);
        BinaryPrimitives.WriteDoubleLittleEndian(head[48..], cumulativeReward);
        BinaryPrimitives.WriteDoubleLittleEndian(head[56..], passRate);
    }
}

namespace Rollbook.Archive;

/// <summary>
/// The file that keeps those frames of a stretch of a log that are no steps, byte for byte, so that an episode's claims, ending, scores and labels stay provable when
/// the log is freed. Numbers little-endian.
/// <code>
///   0  magic            FF 52 42 46 50 FE 00 01   (the last two: format version)
///   8  log id           16 bytes, big-endian
///  24  frames           i32
///  28  blocks           i32
///  32  per frame        24 bytes, sorted: chunk i64, offset in the chunk i32, length i32, block i32, offset in the block i32
///   …  per block        16 bytes: position in the file i64, compressed length i32, length i32
///   …  CRC-32C          u32   of all before
///   …  blocks           zstd; each frame proves itself by its own CRC
/// </code>
/// </summary>
internal static class FramePackFormat
{
    public const int HeadSize = 32;
    public const int FrameSize = 24;
    public const int BlockSize = 16;
    public const int VersionOffset = 7;

    public static ReadOnlySpan<byte> Magic => [0xFF, 0x52, 0x42, 0x46, 0x50, 0xFE, 0x00, 0x01];
}

using System.Buffers;
using Rollbook.Episodes;
using Rollbook.StepLog;

namespace Rollbook.Recovery;

/// <summary>
/// The unfinished tails of a dead log as one durable object, so that later starts nudge from it without another pass: owned frames one after
/// another, closed by an OwnedClose frame whose ordinal is their number.
/// </summary>
internal static class StoredTails
{
    public const string Name = "tails";

    private static readonly EpisodeKey NoEpisode = new("", default);

    public static byte[] Write(TailTable tails)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var payload = new ArrayBufferWriter<byte>();
        var count = 0;
        foreach (var (term, tail) in tails.UnfinishedTails)
        {
            payload.ResetWrittenCount();
            TailCodec.Write(payload, tail, withHashes: true);
            Add(bytes, FrameKind.Owned, tail.Key, term, tail.NextOrdinal, payload.WrittenSpan);
            count++;
        }

        Add(bytes, FrameKind.OwnedClose, NoEpisode, 0, count, default);
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Reads them; null where the object is damaged and must be made again from the log.</summary>
    public static TailTable? TryRead(ReadOnlySpan<byte> bytes)
    {
        var tails = new TailTable();
        var count = 0;
        while (FrameCodec.TryRead(bytes, out var frame))
        {
            if (frame.Kind == FrameKind.OwnedClose) return frame.Ordinal == count ? tails : null;
            tails.Apply(frame);
            count++;
            bytes = bytes[frame.Length..];
        }

        return null;
    }

    private static void Add(ArrayBufferWriter<byte> to, FrameKind kind, EpisodeKey key, long term, long ordinal, ReadOnlySpan<byte> payload)
    {
        var length = FrameCodec.LengthOf(key, payload.Length);
        FrameCodec.Write(to.GetSpan(length)[..length], kind, key, term, ordinal, 0, payload);
        to.Advance(length);
    }
}

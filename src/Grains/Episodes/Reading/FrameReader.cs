using Rollbook.StepLog;

namespace Rollbook.Episodes;

/// <summary>Reads single frames where an index says that they are, and proves them.</summary>
internal static class FrameReader
{
    public static async ValueTask<byte[]> ReadAsync(IStepLogStorage storage, LogId log, IndexEntry entry, CancellationToken cancellation)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(entry.Length);
        await storage.ReadRangeAsync(log, entry.Chunk, entry.Offset, bytes, cancellation);
        return bytes;
    }

    /// <summary>The frame in these bytes, where it is the one that the index promised.</summary>
    /// <exception cref="FrameDamagedException">It is not: nothing of it is served.</exception>
    /// <exception cref="LogVersionException">A newer release wrote it.</exception>
    public static Frame Prove(LogId log, EpisodeKey key, IndexEntry entry, ReadOnlySpan<byte> bytes)
    {
        if (!FrameCodec.TryRead(bytes, out var frame))
            throw FrameCodec.TryProve(bytes, out _) ? new LogVersionException(log, entry.Chunk.Number) : new FrameDamagedException(key, entry);
        if (frame.Length != entry.Length || frame.Kind != entry.Kind
            || frame.Term != entry.Term || frame.Ordinal != entry.Ordinal || frame.Count != entry.Count || frame.Key != key)
            throw new FrameDamagedException(key, entry);
        return frame;
    }
}

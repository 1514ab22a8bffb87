using Rollbook.StepLog;

namespace Rollbook.Testing;

/// <summary>Makes the chunks that a log would write, one after the other, from a seed.</summary>
/// <param name="log">The log.</param>
/// <param name="segmentBytes">Length at which the next segment begins.</param>
/// <param name="seed">Seed of the payloads.</param>
public sealed class ChunkFeed(LogId log, long segmentBytes = 64 << 10, int seed = 1)
{
    private readonly Random _random = new(seed);
    private readonly List<FedChunk> _chunks = [];
    private ChunkAddress _next;
    private uint _crc;

    /// <summary>The log.</summary>
    public LogId Log => log;

    /// <summary>A segment's length.</summary>
    public long SegmentBytes => segmentBytes;

    /// <summary>All chunks so far; the index is the number.</summary>
    public IReadOnlyList<FedChunk> Chunks => _chunks;

    /// <summary>Makes the next chunk.</summary>
    /// <param name="frames">How many frames.</param>
    /// <param name="payload">Payload bytes of each.</param>
    public FedChunk Next(int frames = 1, int payload = 300)
    {
        var key = new EpisodeKey(EpisodeKey.DefaultProject, new EpisodeId((UInt128)_random.NextInt64()));
        var frameLength = FrameCodec.LengthOf(key, payload);
        var frameBytes = frames * frameLength;
        var length = ChunkCodec.PaddedLength(frameBytes);
        if (_next.Offset > 0 && _next.Offset + length > segmentBytes) Roll();
        var bytes = new byte[length];
        var content = new byte[payload];
        for (var i = 0; i < frames; i++)
        {
            _random.NextBytes(content);
            FrameCodec.Write(bytes.AsSpan(ChunkCodec.HeaderSize + (i * frameLength), frameLength), FrameKind.Steps, key, 1, _next.Number, 1, content);
        }

        _crc = ChunkCodec.Seal(bytes, log, _next, _crc, frames, frameBytes);
        var chunk = new FedChunk(_next, bytes, frameBytes);
        _chunks.Add(chunk);
        _next = new ChunkAddress(_next.Number + 1, _next.Segment, _next.Offset + length);
        return chunk;
    }

    /// <summary>Lets the next chunk begin a new segment.</summary>
    public void Roll() => _next = new ChunkAddress(_next.Number, _next.Segment + 1, 0);

    /// <summary>Reserves for a chunk and appends it.</summary>
    public async Task AppendAsync(IStepLogStorage storage, FedChunk chunk)
    {
        await storage.ReserveAsync(log, chunk.At.Segment, Math.Max(segmentBytes, chunk.At.Offset + chunk.Bytes.Length), CancellationToken.None);
        await storage.AppendAsync(log, chunk.At, chunk.Bytes, CancellationToken.None);
    }

    /// <summary>Makes and appends a number of chunks.</summary>
    public async Task AppendAsync(IStepLogStorage storage, int count, int frames = 1, int payload = 300)
    {
        for (var i = 0; i < count; i++) await AppendAsync(storage, Next(frames, payload));
    }
}

using Rollbook.StepLog;

namespace Rollbook.Cli.Tests.Verify;

/// <summary>Writes a real log with the local device: chunk i holds a frame of two steps for each of two episodes.</summary>
internal sealed class LogWriter(string directory)
{
    public const int ChunksPerSegment = 8;

    public static readonly EpisodeId[] Episodes = [new(1), new(2)];

    public LogId Log { get; } = new((UInt128)7 << 80);

    public string Segment(int segment) => Path.Combine(directory, "wal", Log.ToString(), $"{segment:D8}.wal");

    public string Fence => Path.Combine(directory, "wal", Log.ToString(), "fence");

    public async Task WriteAsync(int chunks, bool fence = false, int trimTo = 0)
    {
        var token = Xunit.TestContext.Current.CancellationToken;
        using var storage = new LocalStepLogStorage(new LocalStepLogOptions { DataDirectory = directory, SegmentBytes = 4096, DiskReserveBytes = 0 });
        uint crc = 0;
        for (var i = 0; i < chunks; i++)
        {
            var address = new ChunkAddress(i, i / ChunksPerSegment, i % ChunksPerSegment * 512);
            if (address.Offset == 0)
                await storage.ReserveAsync(Log, address.Segment, 4096, token);
            var chunk = Chunk(address, ref crc);
            await storage.AppendAsync(Log, address, chunk, token);
        }

        if (fence)
            await storage.FenceAsync(Log, 0, token);
        if (trimTo > 0)
            await storage.TrimAsync(Log, trimTo, token);
    }

    /// <summary>Flips one byte of a chunk.</summary>
    public void Damage(int chunk, int offset = 100)
    {
        using var file = File.Open(Segment(chunk / ChunksPerSegment), FileMode.Open);
        file.Position = (chunk % ChunksPerSegment * 512) + offset;
        var value = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)(value ^ 0x10));
    }

    private byte[] Chunk(ChunkAddress address, ref uint previousCrc)
    {
        var keys = Episodes.Select(id => new EpisodeKey(EpisodeKey.DefaultProject, id)).ToArray();
        byte[] payload = [1, 2, 3, 4, 5];
        var length = FrameCodec.LengthOf(keys[0], payload.Length);
        var chunk = new byte[ChunkCodec.PaddedLength(length * keys.Length)];
        for (var i = 0; i < keys.Length; i++)
            FrameCodec.Write(chunk.AsSpan(ChunkCodec.HeaderSize + (i * length), length), FrameKind.Steps, keys[i], term: 1, ordinal: address.Number * 2, count: 2, payload);
        previousCrc = ChunkCodec.Seal(chunk, Log, address, previousCrc, keys.Length, length * keys.Length);
        return chunk;
    }
}

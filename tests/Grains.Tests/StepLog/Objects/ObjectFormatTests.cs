using Rollbook.Grains.Tests.Golden;
using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Grains.Tests.StepLog.Objects;

/// <summary>T21: what the object device writes. A store is full of it.</summary>
public sealed class ObjectFormatTests
{
    private const string ChunkName = "wal/61/01KAR5G0000000000000000MAG/000000000000";
    private const string FenceName = "wal/61/01KAR5G0000000000000000MAG/000000000001";

    private readonly CancellationToken _token = CancellationToken.None;
    private readonly MemoryObjectContainer _store = new();

    [Fact]
    public async Task Device_OfAChunkAndAFence_WritesTheGoldenObjects()
    {
        var chunk = GoldenValues.Chunk(default, 0, GoldenValues.StepsFrame());
        var device = Open();
        await device.AppendAsync(GoldenValues.Log, default, chunk, _token);
        Assert.Equal(new LogEnd(1, 0), await device.FenceAsync(GoldenValues.Log, 0, _token));

        Assert.Equal([ChunkName, FenceName], (await _store.ListAsync("", null, _token)).Entries.Select(static e => e.Name));
        GoldenFile.AssertWritten("object-chunk-v1.bin", await _store.GetAsync(ChunkName, _token));
        GoldenFile.AssertWritten("object-fence-v1.bin", await _store.GetAsync(FenceName, _token));
    }

    [Fact]
    public async Task Device_OfTheGoldenObjects_ReadsThem()
    {
        await _store.PutAsync(ChunkName, GoldenFile.Read("object-chunk-v1.bin"), _token);
        await _store.PutAsync(FenceName, GoldenFile.Read("object-fence-v1.bin"), _token);

        Assert.Equal(new LogEnd(1, 0), await Open().FenceAsync(GoldenValues.Log, 0, _token));
        var chunk = Assert.Single(await Open().ReadAsync(GoldenValues.Log, 0, 1, _token).ToListAsync(_token));
        Assert.Equal(GoldenValues.StepsFrame(), chunk.Frames.ToArray());
        await Assert.ThrowsAsync<LogFencedException>(
            () => Open().AppendAsync(GoldenValues.Log, new ChunkAddress(1, 0, 512), GoldenValues.Chunk(new ChunkAddress(1, 0, 512), 0, GoldenValues.StepsFrame()), _token).AsTask());
    }

    [Fact]
    public async Task Device_OfANewerFence_LeavesTheLog()
    {
        var newer = GoldenFile.Read("object-fence-v1.bin");
        newer[8] = 2;
        await _store.PutAsync(ChunkName, GoldenFile.Read("object-chunk-v1.bin"), _token);
        await _store.PutAsync(FenceName, newer, _token);

        await Assert.ThrowsAsync<LogVersionException>(() => Open().FenceAsync(GoldenValues.Log, 0, _token).AsTask());
    }

    [Fact]
    public async Task Device_OfADamagedFence_GuessesNothing()
    {
        var fence = GoldenFile.Read("object-fence-v1.bin");
        for (var at = 0; at < fence.Length; at++)
        {
            var damaged = (byte[])fence.Clone();
            damaged[at] ^= 0x40;
            await _store.PutAsync(ChunkName, GoldenFile.Read("object-chunk-v1.bin"), _token);
            await _store.PutAsync(FenceName, damaged, _token);
            await Assert.ThrowsAnyAsync<IOException>(() => Open().FenceAsync(GoldenValues.Log, 0, _token).AsTask());
        }
    }

    private ObjectStepLogStorage Open() => new(_store, new ObjectStepLogOptions(), TimeProvider.System, 1);
}

using Rollbook.Archive;
using Rollbook.Episodes;
using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Grains.Tests.Episodes.Reading;

public sealed class FrameSourceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TryRead_AfterAnotherProjectsFreedFrame_ReadsWhatIsNotFreedFromTheLog()
    {
        var bench = new RecorderBench();
        var silo = await bench.StartAsync();
        var (one, key) = await silo.OpenAsync();
        var (other, otherKey) = await silo.OpenAsync(bench.NewKey() with { Project = "other" });
        for (var at = 0; at < 1000; at += 50)
        {
            await one.AppendAsync(BenchSilo.Batch(at, 50));
            await other.AppendAsync(BenchSilo.Batch(at, 50, "o"));
        }

        await silo.Rounds.PackOwnAsync(Token);
        var freed = (await bench.Registry.ReadAsync(silo.Log.Id, Token))!.TrimmedTo;
        var first = (await silo.Log.FramesOfAsync(key, 0, 1, Token))[0];
        var last = (await silo.Log.FramesOfAsync(otherKey, 0, int.MaxValue, Token))[^1];
        Assert.True(first.Chunk.Number < freed && freed <= last.Chunk.Number, "the log is not freed in part");
        var frames = new FrameSource(bench.Storage, new PackedLogs(new ManifestStore(bench.Archive), bench.Archive));

        Assert.Null(await frames.TryReadAsync(silo.Log.Id, key, first, Token));

        // The pack of the first project reaches further than what is freed; the other one's need not.
        Assert.NotNull(await frames.TryReadAsync(silo.Log.Id, otherKey, last, Token));
    }
}

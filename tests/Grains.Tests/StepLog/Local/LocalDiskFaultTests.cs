using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.StepLog.Local;

/// <summary>What the local device does when its disk fails, is full or is slow (device parts of T6 to T8).</summary>
public sealed class LocalDiskFaultTests
{
    private const int InputOutputError = 5;
    private readonly SimulatedDisk _disk = new();
    private readonly CrashScript _script;
    private readonly ChunkFeed _feed;
    private readonly Random _random = new(3);

    public LocalDiskFaultTests()
    {
        _script = new CrashScript(_disk);
        _feed = _script.Begin(_random);
    }

    [Theory]
    [InlineData(typeof(DiskOperation.Flush))]
    [InlineData(typeof(DiskOperation.Write))]
    public async Task AppendAsync_WhenTheDiskFailedOnce_RefusesForGoodWithoutTryingAgain(Type failing)
    {
        for (var i = 0; i < 3; i++) await _script.AppendAsync(_feed, _random);
        var lost = _feed.Next();
        Fail(failing, () => new IOException("Input/output error", InputOutputError));
        var first = await Assert.ThrowsAsync<IOException>(() => _feed.AppendAsync(_script.Storage, lost));
        _disk.Before = null;
        var calls = _disk.Trace.Count;

        Assert.Same(first, await Assert.ThrowsAsync<IOException>(() => _feed.AppendAsync(_script.Storage, lost)));
        Assert.Same(first, await Assert.ThrowsAsync<IOException>(() => _feed.AppendAsync(_script.Storage, _feed.Next())));
        Assert.Equal(calls, _disk.Trace.Count);
        Figures.Report("T7", $"device: after one failed {failing.Name} every append gives the same error, and the disk is not asked again");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FenceAsync_WhenAFlushFailed_MakesDurableWhatItCounts(bool isSameProcess)
    {
        for (var i = 0; i < 3; i++) await _script.AppendAsync(_feed, _random);
        Fail(typeof(DiskOperation.Flush), () => new IOException("Input/output error", InputOutputError));
        var lost = _feed.Next();
        await Assert.ThrowsAsync<IOException>(() => _feed.AppendAsync(_script.Storage, lost));
        _disk.Before = null;
        // The kernel forgets what it could not write; the bytes that it still shows are in its memory alone.
        _disk.Trace.RemoveAll(operation => operation is DiskOperation.Write write && write.Bytes.AsSpan().SequenceEqual(lost.Bytes));
        using var next = CrashScript.Open(_disk);
        var end = await (isSameProcess ? _script.Storage : next).FenceAsync(_feed.Log, 0, CancellationToken.None);
        var calls = _disk.Trace.Count;

        Assert.InRange(end.Fence, 3, 4);
        var (ends, wrong) = await _script.RecoverAsync(Crash.DroppingAll.After(_disk, calls), calls);
        Assert.Null(wrong);
        Assert.Equal(end.Fence, ends[_feed.Log].Fence);
    }

    [Theory]
    [InlineData(28)]
    [InlineData(27)]
    [InlineData(122)]
    [InlineData(0)]
    public async Task ReserveAsync_WhenTheDiskIsFull_RefusesCleanlyAndLaterSucceeds(int errno)
    {
        if (OperatingSystem.IsMacOS()) Assert.Skip("The numbers are Linux's.");
        // 0: the runtime turns EFBIG, which a limit on file sizes gives, into an argument error.
        Fail(typeof(DiskOperation.Write), () => errno == 0 ? new ArgumentOutOfRangeException(nameof(errno)) : new IOException("full", errno));
        await Assert.ThrowsAsync<StorageFullException>(() => _feed.AppendAsync(_script.Storage, 1));
        Assert.Empty(_disk.Files.Keys);

        _disk.Before = null;
        await _feed.AppendAsync(_script.Storage, _feed.Chunks[0]);
        Assert.Equal(1, (await _script.Storage.FenceAsync(_feed.Log, 0, CancellationToken.None)).Fence);
    }

    [Fact]
    public async Task ReserveAsync_WhenTheNextSegmentHasNoRoom_RefusesOnlyThatOne()
    {
        var (disk, script, feed) = (_disk, _script, _feed);
        var writes = 0;
        disk.Before = operation =>
        {
            // The second segment's zeros, which are prepared behind the first one's.
            if (operation is DiskOperation.Write { Bytes.Length: 16 << 10 } && ++writes > 1) throw new IOException("full", 28);
        };
        while (feed.Chunks.Count == 0 || feed.Chunks[^1].At.Segment == 0)
        {
            var chunk = feed.Next(2, 1000);
            if (chunk.At.Segment == 0) await script.AppendAsync(feed, chunk);
        }

        await Assert.ThrowsAsync<StorageFullException>(() => script.AppendAsync(feed, feed.Chunks[^1]));
        disk.Before = null;
        await script.AppendAsync(feed, feed.Chunks[^1]);
        Assert.Null((await script.RecoverAsync(Crash.DroppingAll.After(disk, disk.Trace.Count), disk.Trace.Count)).Wrong);
    }

    [Fact]
    public async Task ReserveAsync_WhenTheReserveWouldBeTouched_Refuses()
    {
        using var directory = new TempDirectory();
        var options = LocalSubject.Options(directory.Path);
        options.DiskReserveBytes = long.MaxValue / 2;
        using var storage = new LocalStepLogStorage(options);

        var refused = await Assert.ThrowsAsync<StorageFullException>(() => storage.ReserveAsync(_feed.Log, 0, 65536, CancellationToken.None).AsTask());
        Assert.Contains(nameof(LocalStepLogOptions.DiskReserveBytes), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AppendAsync_OnASlowDisk_IsAcknowledgedOnlyAfterTheFlush()
    {
        var disk = new SimulatedDisk();
        disk.Place(CrashScript.Data);
        using var storage = new LocalStepLogStorage(
            new LocalStepLogOptions { DataDirectory = CrashScript.Data, SegmentBytes = 16 << 10, DiskReserveBytes = 0 }, disk, TaskScheduler.Default);
        var feed = new ChunkFeed(_feed.Log, 16 << 10);
        await feed.AppendAsync(storage, 1);
        storage.Dispose();
        var flushing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var release = new ManualResetEventSlim();
        disk.Before = operation =>
        {
            if (operation is not DiskOperation.Flush) return;
            flushing.TrySetResult();
            release.Wait();
        };
        var slow = feed.Next();
        var append = storage.AppendAsync(feed.Log, slow.At, slow.Bytes, CancellationToken.None).AsTask();
        await flushing.Task;
        var fence = storage.FenceAsync(feed.Log, 0, CancellationToken.None).AsTask();

        Assert.False(append.IsCompleted, "the chunk was acknowledged before its flush had ended");
        Assert.False(fence.IsCompleted, "the fence passed a chunk in flight by");
        disk.Before = null;
        release.Set();
        await append;
        Assert.Equal(2, (await fence).Fence);
        Figures.Report("T8", "an append on a disk whose flush hangs: no ack, and no fence, before the flush ended");
    }

    [Fact]
    public async Task AppendAsync_WhenTheCallerGivesUp_StillFinishesTheWrite()
    {
        await _script.AppendAsync(_feed, _random);
        using var gaveUp = new CancellationTokenSource();
        var chunk = _feed.Next();
        _disk.Before = operation => gaveUp.Cancel();
        try
        {
            await _script.Storage.AppendAsync(_feed.Log, chunk.At, chunk.Bytes, gaveUp.Token);
        }
        catch (OperationCanceledException)
        {
            // Unknown to the caller.
        }

        _disk.Before = null;
        await _script.AppendAsync(_feed, _random);
        Assert.Equal(3, (await _script.Storage.FenceAsync(_feed.Log, 0, CancellationToken.None)).Fence);
    }

    [Fact]
    public async Task AppendAsync_OutOfPlace_IsRefusedBeforeItIsWritten()
    {
        await _script.AppendAsync(_feed, _random);
        _feed.Next();
        var skipped = _feed.Next();
        var calls = _disk.Trace.Count;

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _script.Storage.AppendAsync(_feed.Log, skipped.At, skipped.Bytes, CancellationToken.None).AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _script.Storage.AppendAsync(_feed.Log, _feed.Chunks[1].At, skipped.Bytes, CancellationToken.None).AsTask());
        Assert.Equal(calls, _disk.Trace.Count);
        await _script.AppendAsync(_feed, _feed.Chunks[1]);
    }

    [Fact]
    public async Task ReserveAsync_OfALogOfAnotherProcess_IsRefused()
    {
        await _script.AppendAsync(_feed, _random);
        using var next = CrashScript.Open(_disk);
        await Assert.ThrowsAsync<InvalidOperationException>(() => next.ReserveAsync(_feed.Log, 0, 16 << 10, CancellationToken.None).AsTask());
    }

    [Fact]
    public async Task FenceAsync_WhenItReturns_ItsFileOutlivesACrash()
    {
        await _script.AppendAsync(_feed, _random);
        await _script.Storage.FenceAsync(_feed.Log, 0, CancellationToken.None);
        var renamed = _disk.Trace.FindLast(call => call is DiskOperation.Move { To: var to } && to.EndsWith("/fence", StringComparison.Ordinal));

        // The very next call must be the flush of the directory: a later one, for other reasons, would come too late.
        Assert.NotNull(renamed);
        Assert.IsType<DiskOperation.FlushDirectory>(_disk.Trace[_disk.Trace.IndexOf(renamed) + 1]);
        Assert.Contains(Crash.DroppingAll.After(_disk, _disk.Trace.Count).Files.Keys, path => path.EndsWith("/fence", StringComparison.Ordinal));
    }

    [Fact]
    public async Task PutAsync_WhenItReturns_TheObjectOutlivesACrash()
    {
        var store = new LocalLogIndexStore(new LocalStepLogOptions { DataDirectory = CrashScript.Data }, _disk, new InlineScheduler());
        await store.PutAsync(_feed.Log, "tails", new byte[] { 1, 2 }, CancellationToken.None);
        var crashed = Crash.DroppingAll.After(_disk, _disk.Trace.Count);

        var recovered = new LocalLogIndexStore(new LocalStepLogOptions { DataDirectory = CrashScript.Data }, crashed, new InlineScheduler());
        Assert.Equal(new byte[] { 1, 2 }, await recovered.GetAsync(_feed.Log, "tails", CancellationToken.None));
    }

    [Fact]
    public async Task FenceAsync_WhenItsFileCannotBeWritten_LetsNothingBeAcknowledgedBehindIt()
    {
        await _script.AppendAsync(_feed, _random);
        Fail(typeof(DiskOperation.Flush), () => new IOException("Input/output error", InputOutputError));
        await Assert.ThrowsAsync<IOException>(() => _script.Storage.FenceAsync(_feed.Log, 0, CancellationToken.None).AsTask());
        _disk.Before = null;

        await Assert.ThrowsAsync<IOException>(() => _script.AppendAsync(_feed, _random));
        Assert.InRange((await _script.Storage.FenceAsync(_feed.Log, 0, CancellationToken.None)).Fence, 1, 1);
    }

    private void Fail(Type operation, Func<Exception> error) =>
        _disk.Before = call =>
        {
            if (operation.IsInstanceOfType(call)) throw error();
        };
}

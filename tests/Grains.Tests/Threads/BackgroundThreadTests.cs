using Rollbook.Archive;
using Rollbook.Threads;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Threads;

public sealed class BackgroundThreadTests
{
    [Fact]
    public async Task Work_BehindEveryAwait_StaysOnItsThread()
    {
        using var background = new BackgroundThread("test");
        var threads = new HashSet<int>();
        await On(background, async () =>
        {
            threads.Add(Environment.CurrentManagedThreadId);
            await Task.Yield();
            threads.Add(Environment.CurrentManagedThreadId);
            await Task.Run(static () => { });
            threads.Add(Environment.CurrentManagedThreadId);
        });
        Assert.Single(threads);
        Assert.DoesNotContain(Environment.CurrentManagedThreadId, threads);
    }

    [Fact]
    public async Task Work_ThatWaits_LeavesTheThreadToOtherWork()
    {
        using var background = new BackgroundThread("test");
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = On(background, () => gate.Task);
        await On(background, () =>
        {
            gate.SetResult();
            return Task.CompletedTask;
        });
        await waiting;
    }

    [Fact]
    public async Task Dispose_WhenWorkIsQueued_RunsItFirst()
    {
        var background = new BackgroundThread("test");
        var done = 0;
        var work = Enumerable.Range(0, 100).Select(_ => On(background, () =>
        {
            done++;
            return Task.CompletedTask;
        })).ToList();
        background.Dispose();
        Assert.Equal(100, done);
        await Task.WhenAll(work);
    }

    [Fact]
    public async Task Work_ThatGoesOnAfterTheEnd_EndsOnThePool()
    {
        var background = new BackgroundThread("test");
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var work = On(background, async () =>
        {
            await gate.Task;
            Assert.True(Thread.CurrentThread.IsThreadPoolThread);
        });
        background.Dispose();
        gate.SetResult();
        await work;
    }

    [Fact]
    public async Task PackFiles_OfWorkOnAScheduler_MakesTheContentThere()
    {
        using var directory = new TempDirectory();
        using var background = new BackgroundThread("test");
        var files = new PackFiles(new LocalArchiveStore(directory.Path));
        var (caller, maker) = (0, 0);
        await On(background, async () =>
        {
            caller = Environment.CurrentManagedThreadId;
            await files.WriteAsync("projects/default/packs/test.bin", () => 1, Write, CancellationToken.None);
        });
        Assert.Equal(caller, maker);

        Task Write(Stream stream, CancellationToken cancellation)
        {
            maker = Environment.CurrentManagedThreadId;
            stream.Write("content"u8);
            return Task.CompletedTask;
        }
    }

    private static Task On(BackgroundThread background, Func<Task> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, background).Unwrap();
}

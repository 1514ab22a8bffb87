using System.Diagnostics;
using Rollbook.Embedded;
using Rollbook.Episodes;
using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Embedded;

/// <summary>T7 for the database, on a real small file system. Needs the right to mount one.</summary>
public sealed class SqliteDiskFullTests
{
    [Fact]
    public async Task WriteAsync_OnAFullFileSystem_RefusesAndWorksAgainOnceThereIsRoom()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "mounting a small file system needs root");
        using var directory = new TempDirectory();
        await RunAsync("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", directory.Path);
        try
        {
            await FillAsync(directory.Path);
        }
        finally
        {
            await RunAsync("umount", directory.Path);
        }
    }

    private static async Task FillAsync(string directory)
    {
        var reserve = Path.Combine(directory, "reserve");
        await File.WriteAllBytesAsync(reserve, new byte[512 << 10]);
        var stored = new List<EpisodeHeader>();
        using (var database = new SqliteDatabase(new SqliteDatabaseOptions { Directory = directory, CallsPerCheckpoint = 64 }))
        {
            var store = new SqliteHeaderStore(database);
            await Assert.ThrowsAsync<StorageFullException>(async () =>
            {
                for (var i = 0; i < 100_000; i++) stored.Add((await store.WriteAsync(Header(i), CancellationToken.None))!);
            });
            Assert.NotEmpty(stored);
            Assert.False(database.Poisoned.IsCompleted);
            Assert.Null(await store.ReadAsync(Header(stored.Count).Key, CancellationToken.None));
            await AssertStoredAsync(store, stored);

            File.Delete(reserve);
            stored.Add((await store.WriteAsync(Header(stored.Count), CancellationToken.None))!);
        }

        using var again = new SqliteDatabase(new SqliteDatabaseOptions { Directory = directory });
        await AssertStoredAsync(new SqliteHeaderStore(again), stored);
    }

    private static async Task AssertStoredAsync(SqliteHeaderStore store, List<EpisodeHeader> stored)
    {
        foreach (var header in stored) Assert.Equal(header.ETag, (await store.ReadAsync(header.Key, CancellationToken.None))!.ETag);
    }

    private static EpisodeHeader Header(int i) => new()
    {
        Key = new EpisodeKey("default", new EpisodeId((UInt128)i)),
        Term = 1,
        Owner = new LogId(1),
        Extents = [.. Enumerable.Range(1, 50).Select(term => new Extent(term, new LogId(1)))],
        Nonce = "n",
    };

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}

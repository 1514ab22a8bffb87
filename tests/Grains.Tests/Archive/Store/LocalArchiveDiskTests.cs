using System.Diagnostics;
using Rollbook.Archive;
using Rollbook.Grains.Tests.StepLog.Local;
using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Archive;

/// <summary>What the local archive does when its disk fails, is full, or loses whatever was not flushed.</summary>
public sealed class LocalArchiveDiskTests
{
    private const string Directory = CrashScript.Data + "/archive";
    private const string Pack = "projects/default/packs/log/pack.parquet";
    private const string Manifest = "projects/default/manifest.json";
    private readonly CancellationToken _token = CancellationToken.None;

    [Fact]
    public async Task Crash_BetweenAnyTwoCalls_KeepsWhatWasPromisedAndNothingTorn()
    {
        var disk = NewDisk();
        var store = Open(disk);
        var promises = new List<(int Call, string Name, byte[]? Bytes)>();
        string? etag = null;
        for (var i = 0; i < 4; i++)
        {
            var bytes = Bytes(i, 300_000 + i);
            Assert.True(await PutAsync(store, $"{Pack}{i}", bytes));
            promises.Add((disk.Trace.Count, $"{Pack}{i}", bytes));
            var manifest = Bytes(100 + i, 700);
            etag = await store.ReplaceAsync(Manifest, manifest, etag, _token);
            Assert.NotNull(etag);
            promises.Add((disk.Trace.Count, Manifest, manifest));
            if (i == 2)
            {
                Assert.True(await store.DeleteAsync($"{Pack}0", _token));
                promises.Add((disk.Trace.Count, $"{Pack}0", null));
            }
        }

        var random = new Random(5);
        var checks = 0;
        for (var length = 0; length <= disk.Trace.Count; length++)
        {
            foreach (var crash in new[] { Crash.KeepingAll, Crash.DroppingAll, new Crash(512, random, false), new Crash(512, random, false) })
            {
                var after = crash.After(disk, length);
                var recovered = Open(after);
                foreach (var (name, versions) in promises.GroupBy(p => p.Name).Select(g => (g.Key, g.ToList())))
                {
                    var promised = versions.FindLastIndex(p => p.Call <= length);
                    var found = await ReadAsync(recovered, name);
                    // What was promised last, or what was about to be.
                    var allowed = versions.Skip(Math.Max(promised, 0)).Take(2).Select(p => p.Bytes).ToList();
                    if (promised < 0) allowed = [null, versions[0].Bytes];
                    Assert.True(allowed.Exists(a => Same(a, found)), $"{name} after {length} calls: {found?.Length.ToString() ?? "nothing"}");
                    checks++;
                }

                Assert.DoesNotContain(after.Files.Keys, path => path.Contains('~', StringComparison.Ordinal));
                Assert.True(await PutAsync(recovered, "projects/default/next", [1]));
            }
        }

        Figures.Report("archive", $"a crash after each of {disk.Trace.Count} calls of the disk, {checks} checks: nothing torn, nothing promised lost");
    }

    [Theory]
    [InlineData(28)]
    [InlineData(122)]
    [InlineData(0)]
    public async Task AnyWrite_WhenTheDiskIsFull_SaysSoAndLeavesNothing(int errno)
    {
        if (OperatingSystem.IsMacOS()) Assert.Skip("The numbers are Linux's.");
        var disk = NewDisk();
        var store = Open(disk);
        var etag = await store.ReplaceAsync(Manifest, new byte[] { 1 }, null, _token);
        disk.Before = operation =>
        {
            if (operation is DiskOperation.Write) throw errno == 0 ? new ArgumentOutOfRangeException(nameof(errno)) : new IOException("full", errno);
        };

        await Assert.ThrowsAsync<StorageFullException>(async () => await PutAsync(store, Pack, Bytes(1, 1_000_000)));
        await Assert.ThrowsAsync<StorageFullException>(async () => await store.ReplaceAsync(Manifest, new byte[] { 2 }, etag, _token));
        Assert.Single(disk.Files);
        disk.Before = null;
        Assert.True(await PutAsync(store, Pack, Bytes(1, 1_000_000)));
        Assert.NotNull(await store.ReplaceAsync(Manifest, new byte[] { 2 }, etag, _token));
    }

    [Fact]
    public async Task PutAsync_WhenTheWriterHidesTheDisksError_StillSaysThatItIsFull()
    {
        var disk = NewDisk();
        var store = Open(disk);
        disk.Before = operation =>
        {
            if (operation is DiskOperation.Write) throw new IOException("full", 28);
        };

        // A native writer makes an exception of its own of it, or none at all.
        foreach (var hides in new[] { true, false })
        {
            await Assert.ThrowsAsync<StorageFullException>(async () => await store.PutAsync(
                Pack,
                (stream, _) =>
                {
                    try
                    {
                        stream.Write(Bytes(1, 1_000_000));
                    }
                    catch (IOException)
                    {
                        if (!hides) throw new InvalidOperationException("native");
                    }

                    return Task.CompletedTask;
                },
                _token));
        }

        Assert.Empty(disk.Files);
    }

    [Fact]
    public async Task PutAsync_OfAPackOnAFullDisk_SaysThatItIsFull()
    {
        var packed = Enumerable.Range(0, 9000).Select(o => PackSteps.Step(1, o, $$"""{"action_type":"{{Convert.ToBase64String(Bytes(o, 300))}}"}""")).ToList();
        var whole = PackSteps.Write(packed).Length;
        // The room ends at the first write, between two row groups, and while the metadata at the end are written.
        foreach (var room in new[] { 0, whole / 2, whole - 10 })
        {
            var disk = NewDisk();
            var store = Open(disk);
            var written = 0L;
            disk.Before = operation =>
            {
                if (operation is DiskOperation.Write write && (written += write.Bytes.Length) > room) throw new IOException("full", 28);
            };
            await Assert.ThrowsAsync<StorageFullException>(async () => await store.PutAsync(
                Pack,
                (stream, _) =>
                {
                    StepPackWriter.Write(stream, packed);
                    return Task.CompletedTask;
                },
                _token));
            Assert.Empty(disk.Files);
        }
    }

    [Fact]
    public async Task PutAsync_WhenTheFlushFails_IsNotThere()
    {
        var disk = NewDisk();
        var store = Open(disk);
        disk.Before = operation =>
        {
            if (operation is DiskOperation.Flush) throw new IOException("Input/output error", 5);
        };

        await Assert.ThrowsAsync<IOException>(async () => await PutAsync(store, Pack, [1]));
        await Assert.ThrowsAsync<IOException>(async () => await store.ReplaceAsync(Manifest, new byte[] { 1 }, null, _token));
        Assert.Empty(disk.Files);
    }

    [Fact]
    public async Task Open_WhenACrashLeftTemporaryFiles_RemovesThem()
    {
        using var directory = new TempDirectory();
        var left = Path.Combine(directory.Path, "~new", "7");
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(left)!);
        await File.WriteAllBytesAsync(left, [1, 2, 3], _token);

        var store = new LocalArchiveStore(directory.Path);
        Assert.False(File.Exists(left));
        Assert.True(await PutAsync(store, Pack, [4]));
        Assert.Empty(System.IO.Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(left)!));
    }

    [Fact]
    public void MoveNew_AgainstAnotherProcess_NeverReplaces()
    {
        using var directory = new TempDirectory();
        var target = Path.Combine(directory.Path, "target");
        for (var round = 0; round < 20; round++)
        {
            var mine = Path.Combine(directory.Path, "mine");
            File.WriteAllText(mine, "mine");
            // ln without -f makes the name in one call, or fails.
            File.WriteAllText(Path.Combine(directory.Path, "theirs"), "theirs");
            using var other = Process.Start(new ProcessStartInfo("/bin/ln", [Path.Combine(directory.Path, "theirs"), target]) { RedirectStandardError = true })!;
            var won = DiskFiles.Instance.MoveNew(mine, target);
            other.WaitForExit();

            Assert.Equal(won ? "mine" : "theirs", File.ReadAllText(target));
            Assert.Equal(won, other.ExitCode != 0);
            Assert.Equal(!won, File.Exists(mine));
            File.Delete(target);
        }
    }

    private static SimulatedDisk NewDisk()
    {
        var disk = new SimulatedDisk();
        disk.Place(CrashScript.Data);
        return disk;
    }

    private static LocalArchiveStore Open(SimulatedDisk disk) => new(Directory, disk, new InlineScheduler());

    private ValueTask<bool> PutAsync(LocalArchiveStore store, string name, byte[] bytes) =>
        store.PutAsync(name, async (stream, token) => await stream.WriteAsync(bytes, token), _token);

    private async Task<byte[]?> ReadAsync(LocalArchiveStore store, string name)
    {
        await using var found = await store.OpenAsync(name, _token);
        if (found is null) return null;
        var bytes = new byte[found.Length];
        await found.Content.ReadExactlyAsync(bytes, _token);
        return bytes;
    }

    private static bool Same(byte[]? expected, byte[]? found) => expected is null ? found is null : found is not null && expected.AsSpan().SequenceEqual(found);

    private static byte[] Bytes(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}


namespace Rollbook.Crash.Tests;

/// <summary>A file system in memory of a few megabytes, with a file on it that can be removed to make room.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly TempDirectory directory = new();

    private SmallDisk()
    {
    }

    public string Data => Path.Combine(directory.Path, "data");

    private string Ballast => Path.Combine(directory.Path, "ballast");

    /// <summary>Makes one; skips the test where that may not be done.</summary>
    public static async Task<SmallDisk> MountAsync(int mebibytes, int ballast)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "A file system of its own can be mounted by root on Linux only.");
        var disk = new SmallDisk();
        await using (var mount = ChildProcess.Start(["mount", "-t", "tmpfs", "-o", $"size={mebibytes}m", "rollbook-test", disk.directory.Path]))
        {
            if (await mount.ExitAsync(TimeSpan.FromSeconds(30)) != 0)
            {
                disk.directory.Dispose();
                Assert.Skip($"No file system can be mounted here: {mount.Output}");
            }
        }

        await File.WriteAllBytesAsync(disk.Ballast, new byte[ballast << 20]);
        return disk;
    }

    public void MakeRoom() => File.Delete(Ballast);

    public async ValueTask DisposeAsync()
    {
        await ChildProcess.RunAsync("umount", "-l", directory.Path);
        directory.Dispose();
    }
}

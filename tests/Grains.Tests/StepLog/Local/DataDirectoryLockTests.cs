using System.Globalization;
using Rollbook.StepLog;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.StepLog.Local;

public sealed class DataDirectoryLockTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    [Fact]
    public void Acquire_WhenHeld_NamesTheHolderAndTheCure()
    {
        using var held = DataDirectoryLock.Acquire(LocalSubject.Options(_directory.Path));
        var refused = Assert.Throws<DataDirectoryException>(() => DataDirectoryLock.Acquire(LocalSubject.Options(_directory.Path)));

        Assert.Contains(_directory.Path, refused.Message, StringComparison.Ordinal);
        Assert.Contains(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), refused.Message, StringComparison.Ordinal);
        Assert.Contains("--data", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Acquire_WhenGivenBack_TakesIt()
    {
        DataDirectoryLock.Acquire(LocalSubject.Options(_directory.Path)).Dispose();
        DataDirectoryLock.Acquire(LocalSubject.Options(_directory.Path)).Dispose();
    }

    [Fact]
    public void Acquire_WhenTheDirectoryIsMissing_MakesIt()
    {
        var data = Path.Combine(_directory.Path, "a", "b");
        DataDirectoryLock.Acquire(LocalSubject.Options(data)).Dispose();
        Assert.True(Directory.Exists(data));
        Assert.False(File.Exists(Path.Combine(data, "rollbook.probe")));
    }

    [Theory]
    [InlineData("ext4", false)]
    [InlineData("xfs", false)]
    [InlineData("btrfs", false)]
    [InlineData("apfs", false)]
    [InlineData("NTFS", false)]
    [InlineData("nfs4", true)]
    [InlineData("cifs", true)]
    [InlineData("smb3", true)]
    [InlineData("fuse.sshfs", true)]
    [InlineData("overlayfs", true)]
    [InlineData("tmpfs", true)]
    public void IsUnsafe_ByType_RefusesWhatDoesNotKeepItsWord(string format, bool expected) =>
        Assert.Equal(expected, DataDirectoryCheck.IsUnsafe(format));

    [Fact]
    public void Acquire_OnAMemoryFileSystem_IsRefusedUnlessForced()
    {
        const string Memory = "/dev/shm";
        if (!Directory.Exists(Memory)) Assert.Skip("This machine has no memory file system at /dev/shm.");
        var data = Path.Combine(Memory, Path.GetRandomFileName());
        try
        {
            var options = LocalSubject.Options(data);
            options.AllowUnsafeFileSystem = false;
            var refused = Assert.Throws<DataDirectoryException>(() => DataDirectoryLock.Acquire(options));
            Assert.Contains(nameof(LocalStepLogOptions.AllowUnsafeFileSystem), refused.Message, StringComparison.Ordinal);
            options.AllowUnsafeFileSystem = true;
            DataDirectoryLock.Acquire(options).Dispose();
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    public void Dispose() => _directory.Dispose();
}

using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Grains.Tests.StepLog.Local;

public sealed class NativeDiskTests
{
    [Fact]
    public void Flush_WhenTheSystemRefuses_Throws()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/null refuses to be flushed on Linux.");
        using var device = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Write);
        // The runtime's own call says nothing here, as it says nothing about a disk that failed.
        Assert.Throws<IOException>(() => NativeDisk.Flush(device));
    }

    [Fact]
    public void Flush_WhenTheFileIsGood_Returns()
    {
        using var file = File.OpenHandle(Path.GetTempFileName(), FileMode.Open, FileAccess.Write, options: FileOptions.DeleteOnClose);
        RandomAccess.Write(file, "rollbook"u8, 0);
        NativeDisk.Flush(file);
    }
}

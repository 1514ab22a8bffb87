using Rollbook.StepLog;
using Rollbook.Testing;

namespace Rollbook.Grains.Tests.StepLog.Local;

/// <summary>Opens parts of the local device in a new directory.</summary>
internal static class LocalSubject
{
    public static LocalStepLogOptions Options(string data) =>
        new() { DataDirectory = data, SegmentBytes = 64 << 10, DiskReserveBytes = 0, AllowUnsafeFileSystem = true };

    public static IStoreSubject<T> Of<T>(Func<LocalStepLogOptions, T> open)
    {
        var directory = new TempDirectory();
        return new ReopenedSubject<T>(() => open(Options(directory.Path)), directory);
    }
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Rollbook.Grains.Tests.Embedded;

/// <summary>
/// Puts another file in the place of a database's open write-ahead file, under the same descriptor, so that the kernel itself refuses
/// the writes or the syncs that SQLite makes from then on: a real failure at a real COMMIT. Linux only.
/// </summary>
internal sealed class WalFile : IDisposable
{
    private readonly int _descriptor;
    private readonly int _original;

    private WalFile(int descriptor, SafeFileHandle stand)
    {
        _descriptor = descriptor;
        _original = Check(dup(descriptor));
        Check(dup2((int)stand.DangerousGetHandle(), descriptor));
    }

    /// <summary>Writes fail with ENOSPC.</summary>
    public static WalFile Full(string databasePath) => Replace(databasePath, "/dev/full", FileAccess.ReadWrite);

    /// <summary>Writes fail with EBADF.</summary>
    public static WalFile Unwritable(string databasePath) => Replace(databasePath, "/dev/null", FileAccess.Read);

    /// <summary>Writes succeed; fsync fails with EINVAL.</summary>
    public static WalFile Unsyncable(string databasePath) => Replace(databasePath, "/dev/null", FileAccess.ReadWrite);

    /// <summary>Puts the real file back.</summary>
    public void Dispose()
    {
        Check(dup2(_original, _descriptor));
        Check(close(_original));
    }

    private static WalFile Replace(string databasePath, string stand, FileAccess access)
    {
        using var handle = File.OpenHandle(stand, FileMode.Open, access, FileShare.ReadWrite);
        // One: no read has opened a second connection yet.
        var link = Directory.GetFiles("/proc/self/fd").Single(fd => new FileInfo(fd).LinkTarget == databasePath + "-wal");
        return new WalFile(int.Parse(Path.GetFileName(link), System.Globalization.CultureInfo.InvariantCulture), handle);
    }

    private static int Check(int result) => result >= 0 ? result : throw new IOException($"errno {Marshal.GetLastPInvokeError()}");

    [DllImport("libc", SetLastError = true)]
    private static extern int dup(int descriptor);

    [DllImport("libc", SetLastError = true)]
    private static extern int dup2(int descriptor, int onto);

    [DllImport("libc", SetLastError = true)]
    private static extern int close(int descriptor);
}

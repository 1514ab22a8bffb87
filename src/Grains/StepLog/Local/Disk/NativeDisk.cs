using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Rollbook.StepLog;

/// <summary>The calls of the operating system that .NET has no name for.</summary>
internal static class NativeDisk
{
    private const int ReadOnly = 0;
    private const int LockExclusive = 2;
    private const int LockNonBlocking = 4;

    /// <summary>Makes the names within a directory durable. On Windows the file system's journal does that by itself.</summary>
    public static void FlushDirectory(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = Open(path, ReadOnly);
        if (descriptor < 0) throw Error("open", path);
        try
        {
            if (FSync(descriptor) != 0) throw Error("fsync", path);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>Takes the advisory lock of an open file; false where another open file has it.</summary>
    public static bool TryLock(SafeFileHandle file) =>
        OperatingSystem.IsWindows() || FLock(file, LockExclusive | LockNonBlocking) == 0;

    private static IOException Error(string call, string path)
    {
        var errno = Marshal.GetLastPInvokeError();
        return new IOException($"{call} of the directory '{path}' failed: {new Win32Exception(errno).Message}", errno);
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int FSync(int descriptor);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    private static extern int Close(int descriptor);

    [DllImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static extern int FLock(SafeFileHandle file, int operation);
}

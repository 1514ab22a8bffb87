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
    private const int FullFlushOnMac = 51;
    private const int Interrupted = 4;
    private const int NotNeeded = 4;
    private const int Exists = 17;
    private const int ExistsOnWindows = 183;

    /// <summary>Makes what was written to a file durable, or throws.</summary>
    /// <remarks>
    /// Not <c>RandomAccess.FlushToDisk</c>: on Unix the runtime's native layer returns 1 where fsync failed and the managed one looks for a
    /// number below 0 (SystemNative_FSync of .NET 10.0.12), so that no error is ever reported, EIO included.
    /// </remarks>
    /// <exception cref="IOException">The disk failed. What it holds is unknown, and the call must not be repeated.</exception>
    public static void Flush(SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows())
        {
            if (!FlushFileBuffers(file)) throw new IOException($"The flush to disk failed: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
            return;
        }

        // An interrupted call has not failed: it has not been made.
        while (FlushOnUnix(file) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno != Interrupted) throw new IOException($"The flush to disk failed: {new Win32Exception(errno).Message}", errno);
        }
    }

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

    /// <summary>Gives a file a second name.</summary>
    /// <remarks>The one call that makes a name only where there is none: the runtime's move looks first and renames then, between which another process fits.</remarks>
    /// <returns>False where the name is taken.</returns>
    /// <exception cref="IOException">The file system refused.</exception>
    public static bool TryLink(string from, string to)
    {
        if (OperatingSystem.IsWindows())
        {
            if (CreateHardLink(to, from, 0)) return true;
            var error = Marshal.GetLastPInvokeError();
            return error == ExistsOnWindows ? false : throw new IOException($"'{to}' could not be linked: {new Win32Exception(error).Message}", unchecked((int)0x80070000) | error);
        }

        if (Link(from, to) == 0) return true;
        var errno = Marshal.GetLastPInvokeError();
        return errno == Exists ? false : throw new IOException($"link of '{from}' to '{to}' failed: {new Win32Exception(errno).Message}", errno);
    }

    /// <summary>Gives back the memory that a file's durable bytes take in the page cache, where the system knows how.</summary>
    public static void Uncache(SafeFileHandle file)
    {
        // Advice: what it answers changes nothing.
        if (OperatingSystem.IsLinux()) _ = Advise(file, 0, 0, NotNeeded);
    }

    /// <summary>Takes the advisory lock of an open file; false where another open file has it.</summary>
    public static bool TryLock(SafeFileHandle file) =>
        OperatingSystem.IsWindows() || FLock(file, LockExclusive | LockNonBlocking) == 0;

    // A segment's length never changes after its preparation, so that the data alone are enough: fdatasync spares the journal.
    private static int FlushOnUnix(SafeFileHandle file) =>
        OperatingSystem.IsMacOS() ? FControl(file, FullFlushOnMac) : OperatingSystem.IsLinux() ? FDataSync(file) : FSync(file);

    private static IOException Error(string call, string path)
    {
        var errno = Marshal.GetLastPInvokeError();
        return new IOException($"{call} of the directory '{path}' failed: {new Win32Exception(errno).Message}", errno);
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "link", SetLastError = true)]
    private static extern int Link([MarshalAs(UnmanagedType.LPUTF8Str)] string from, [MarshalAs(UnmanagedType.LPUTF8Str)] string to);

    [DllImport("kernel32", EntryPoint = "CreateHardLinkW", CharSet = CharSet.Unicode, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool CreateHardLink(string to, string from, nint security);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int FSync(int descriptor);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int FSync(SafeFileHandle file);

    [DllImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static extern int FDataSync(SafeFileHandle file);

    [DllImport("libc", EntryPoint = "posix_fadvise")]
    private static extern int Advise(SafeFileHandle file, long offset, long length, int advice);

    [DllImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static extern int FControl(SafeFileHandle file, int command);

    [DllImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool FlushFileBuffers(SafeFileHandle file);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    private static extern int Close(int descriptor);

    [DllImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static extern int FLock(SafeFileHandle file, int operation);
}

using System.Runtime.InteropServices;

namespace Rollbook.StepLog;

/// <summary>The real file system.</summary>
internal sealed class DiskFiles : IDiskFiles
{
    /// <summary>SIGXFSZ, the same on Linux and macOS.</summary>
    private const PosixSignal FileSizeExceeded = (PosixSignal)25;

    /// <summary>A limit on file sizes would otherwise end the process with a signal; so it is an error of the write, which is refused cleanly.</summary>
    private static readonly PosixSignalRegistration? Ignored = OperatingSystem.IsWindows()
        ? null
        : PosixSignalRegistration.Create(FileSizeExceeded, signal => signal.Cancel = true);

    /// <summary>The one there is.</summary>
    public static DiskFiles Instance { get; } = new();

    public IDiskFile? Open(string path, FileMode mode, FileAccess access)
    {
        try
        {
            // The directory's lock file is what keeps other processes away; a lock per file would only get into the reader's way.
            return new DiskFile(File.OpenHandle(path, mode, access, FileShare.ReadWrite | FileShare.Delete));
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException && mode == FileMode.Open)
        {
            return null;
        }
    }

    public void Move(string from, string to) => File.Move(from, to, overwrite: true);

    public bool MoveNew(string from, string to)
    {
        if (!NativeDisk.TryLink(from, to)) return false;
        File.Delete(from);
        return true;
    }

    public void Delete(string path) => File.Delete(path);

    public IReadOnlyList<string> List(string directory) =>
        Directory.Exists(directory)
            ? [.. Directory.EnumerateFileSystemEntries(directory).Select(path => Path.GetFileName(path))]
            : [];

    public DiskEntry? Look(string path)
    {
        var file = new FileInfo(path);
        if (file.Exists) return new DiskEntry(false, file.Length, new DateTimeOffset(file.LastWriteTimeUtc));
        return Directory.Exists(path) ? new DiskEntry(true, 0, default) : null;
    }

    public void CreateDirectory(string path) => Directory.CreateDirectory(path);

    public void FlushDirectory(string path) => NativeDisk.FlushDirectory(path);
}

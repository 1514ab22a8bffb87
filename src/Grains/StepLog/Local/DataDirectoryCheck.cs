namespace Rollbook.StepLog;

/// <summary>Asks, at start, whether a directory lies on a file system that keeps what it is given, and whether its calls work.</summary>
internal static class DataDirectoryCheck
{
    /// <summary>File systems whose fsync promises less than ours: behind a network, behind another process, in layers, or in memory.</summary>
    private static readonly string[] Unsafe =
        ["nfs", "smb", "cifs", "fuse", "9p", "v9fs", "afs", "ceph", "lustre", "overlay", "aufs", "tmpfs", "ramfs", "vboxsf", "prl_fs", "webdav"];

    /// <summary>Throws where the directory cannot be trusted.</summary>
    /// <exception cref="DataDirectoryException">It cannot.</exception>
    public static void Prove(string data, bool allowUnsafe)
    {
        var format = new DriveInfo(data).DriveFormat;
        if (!allowUnsafe && IsUnsafe(format))
        {
            throw new DataDirectoryException(
                $"The data directory '{data}' lies on a file system of type '{format}', which does not promise that acknowledged steps survive a power cut. "
                + "Put it on a local disk (in a container: on a volume), or accept that risk with "
                + $"{nameof(LocalStepLogOptions.AllowUnsafeFileSystem)} (environment variable Rollbook__LocalStepLog__AllowUnsafeFileSystem=true).");
        }

        try
        {
            Probe(DiskFiles.Instance, data);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException($"The data directory '{data}' failed its test at start: {error.Message}", error);
        }
    }

    /// <summary>True for a file system that is taken only on demand.</summary>
    internal static bool IsUnsafe(string format) =>
        Array.Exists(Unsafe, name => format.StartsWith(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Once through every call that durability hangs on.</summary>
    internal static void Probe(IDiskFiles files, string data)
    {
        var path = Path.Combine(data, "rollbook.probe");
        ReadOnlySpan<byte> bytes = "rollbook"u8;
        WholeFile.Write(files, path, bytes);
        if (!bytes.SequenceEqual(WholeFile.Read(files, path))) throw new IOException("what was written did not come back.");
        files.Delete(path);
        files.FlushDirectory(data);
    }
}

namespace Rollbook.StepLog;

/// <summary>Small files that are there whole or not at all: temporary name, flush, rename, flush of the directory.</summary>
internal static class WholeFile
{
    /// <summary>What a name ends with until the file is whole; left behind by a crash, never read.</summary>
    public const string TemporarySuffix = ".tmp";

    /// <summary>Writes a file, durable when it returns; replaces one of the same name.</summary>
    public static void Write(IDiskFiles files, string path, ReadOnlySpan<byte> bytes)
    {
        var temporary = path + TemporarySuffix;
        using (var file = files.Open(temporary, FileMode.Create, FileAccess.ReadWrite)!)
        {
            file.Write(bytes, 0);
            file.Flush();
        }

        files.Move(temporary, path);
        files.FlushDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Reads a file; null where there is none.</summary>
    public static byte[]? Read(IDiskFiles files, string path)
    {
        using var file = files.Open(path, FileMode.Open, FileAccess.Read);
        if (file is null) return null;
        var bytes = new byte[file.Length];
        return file.Read(bytes, 0) == bytes.Length ? bytes : throw new IOException($"'{path}' was cut while it was read.");
    }

    /// <summary>Makes a directory below <paramref name="root"/> that lasts: each new name is flushed in the directory above it.</summary>
    public static void CreateDirectory(IDiskFiles files, string root, string name)
    {
        files.CreateDirectory(Path.Combine(root, name));
        files.FlushDirectory(root);
    }
}

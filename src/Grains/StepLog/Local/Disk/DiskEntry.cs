namespace Rollbook.StepLog;

/// <summary>What a file system says of a name.</summary>
/// <param name="IsDirectory">Whether it names a directory.</param>
/// <param name="Length">The file's length in bytes; 0 of a directory.</param>
/// <param name="Changed">When the file was last written.</param>
internal readonly record struct DiskEntry(bool IsDirectory, long Length, DateTimeOffset Changed);

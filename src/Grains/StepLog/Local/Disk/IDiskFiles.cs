namespace Rollbook.StepLog;

/// <summary>
/// What the local device asks of a file system, and all that it asks: so that a test can stand in a disk that loses, tears and
/// reorders whatever was not made durable.
/// </summary>
/// <remarks>
/// A file's bytes are durable after <see cref="IDiskFile.Flush"/>; that a name exists, moved or went is durable after
/// <see cref="FlushDirectory"/> of its directory. <see cref="Move"/> is atomic and replaces; <see cref="MoveNew"/> never replaces. Errors are thrown as the file system gives them.
/// </remarks>
internal interface IDiskFiles
{
    /// <summary>Opens a file, or with <see cref="FileMode.Create"/> makes an empty one. Null where there is none.</summary>
    IDiskFile? Open(string path, FileMode mode, FileAccess access);

    /// <summary>Renames a file within the file system, over whatever has that name.</summary>
    void Move(string from, string to);

    /// <summary>Renames a file within the file system unless something has that name already, which is decided in one call, against other processes too.</summary>
    /// <returns>False where the name is taken; then nothing was changed.</returns>
    bool MoveNew(string from, string to);

    /// <summary>Removes a file; none there is fine.</summary>
    void Delete(string path);

    /// <summary>The names of the files and directories within a directory; empty where there is none.</summary>
    IReadOnlyList<string> List(string directory);

    /// <summary>What a name stands for; null for nothing.</summary>
    DiskEntry? Look(string path);

    /// <summary>Makes a directory, and those above it, where there is none.</summary>
    void CreateDirectory(string path);

    /// <summary>Makes the directory's names durable.</summary>
    void FlushDirectory(string path);
}

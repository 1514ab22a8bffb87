using System.Globalization;

namespace Rollbook.Archive;

/// <summary>
/// This process's part of a directory that several may share. A file that is held open says that its owner lives; what the dead left is deleted at the next start.
/// <code>
///   {directory}/{id}/in-use        held open by the owner
///   {directory}/{id}/new/{number}  what is being written
///   {directory}/{id}/{name}        a copy of an object of the archive
/// </code>
/// </summary>
internal sealed class CacheFolder : IDisposable
{
    private const string InUse = "in-use";

    private readonly FileStream held;
    private readonly string fresh;
    private long number;

    public CacheFolder(string directory)
    {
        directory = System.IO.Path.GetFullPath(directory);
        Directory.CreateDirectory(directory);
        foreach (var other in Directory.EnumerateDirectories(directory)) DeleteDead(other);
        Path = System.IO.Path.Combine(directory, Guid.NewGuid().ToString("N"));
        fresh = System.IO.Path.Combine(Path, "new");
        Directory.CreateDirectory(fresh);
        held = new FileStream(System.IO.Path.Combine(Path, InUse), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
    }

    /// <summary>The directory.</summary>
    public string Path { get; }

    /// <summary>Where a copy of an object lies.</summary>
    public string PathOf(string name) => System.IO.Path.Combine(Path, "files", ArchivePaths.Check(name));

    /// <summary>A path that nothing has yet.</summary>
    public string NewTemporary() => System.IO.Path.Combine(fresh, Interlocked.Increment(ref number).ToString(CultureInfo.InvariantCulture));

    public void Dispose()
    {
        held.Dispose();
        DeleteDead(Path);
    }

    private static void DeleteDead(string folder)
    {
        try
        {
            using (new FileStream(System.IO.Path.Combine(folder, InUse), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            {
            }

            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // Its owner lives, or another deletes it at this moment. Without the file it is just being made, or nothing of ours.
        }
    }
}

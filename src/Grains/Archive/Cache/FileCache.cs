namespace Rollbook.Archive;

/// <summary>
/// Copies of the archive's files on the local disk, for engines that read files. The last used ones are kept, up to a number of bytes; beyond it only those that are open, or
/// whose path was asked for a short time ago. A file that nobody asks for is deleted after an hour: what was erased from the archive must not live on here.
/// </summary>
/// <remarks>Safe from any thread. An object's path is the same each time.</remarks>
public sealed class FileCache : IDisposable
{
    /// <summary>How long a file stays where its path was told, whatever else comes.</summary>
    public static readonly TimeSpan Held = TimeSpan.FromMinutes(2);

    /// <summary>How long a file is kept that nobody asks for.</summary>
    public static readonly TimeSpan Unused = TimeSpan.FromHours(1);

    private static readonly TimeSpan Sweep = TimeSpan.FromMinutes(5);

    private readonly Lock gate = new();
    private readonly Dictionary<string, CachedFile> files = new(StringComparer.Ordinal);
    private readonly LinkedList<CachedFile> recent = new();
    private readonly CacheFolder folder;
    private readonly long limit;
    private readonly TimeProvider time;
    private readonly ITimer sweeper;

    /// <summary>Opens an empty cache.</summary>
    /// <param name="directory">Where; several processes may share it.</param>
    /// <param name="limit">Bytes that are kept.</param>
    /// <param name="time">Measures ages.</param>
    public FileCache(string directory, long limit, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        (folder, this.limit, this.time) = (new CacheFolder(directory), limit, time);
        sweeper = time.CreateTimer(_ => Shrink(), null, Sweep, Sweep);
    }

    /// <summary>Bytes of all copies.</summary>
    public long Bytes { get; private set; }

    /// <summary>A path for a file that is being written; the caller deletes it.</summary>
    public string NewTemporary() => folder.NewTemporary();

    /// <summary>The path of an object's copy, which is fetched where there is none. It stays for <see cref="Held"/> at least.</summary>
    /// <param name="name">The object; it never changes.</param>
    /// <param name="fetch">Writes it into a new file. Several callers share one fetch, which none of them cancels.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async ValueTask<string> PathAsync(string name, Func<string, Task> fetch, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        CachedFile? file;
        lock (gate)
        {
            if (!files.TryGetValue(name, out file))
            {
                file = Enter(name);
                file.Fetched = FetchAsync(file, fetch);
            }

            Use(file);
        }

        await file.Fetched.WaitAsync(cancellation);
        lock (gate) Use(file);
        return file.Path;
    }

    /// <summary>Opens an object's copy where there is one; null where there is none. It stays while it is open.</summary>
    public Stream? TryOpen(string name)
    {
        CachedFile? file;
        lock (gate)
        {
            if (!files.TryGetValue(name, out file) || !file.IsThere) return null;
            file.Users++;
            Use(file);
        }

        try
        {
            return new CachedStream(file.Path, () => Release(file));
        }
        catch (IOException)
        {
            // Forgotten at this moment.
            Release(file);
            return null;
        }
    }

    /// <summary>Makes a whole file the copy of an object; it is moved.</summary>
    public void Adopt(string name, string path)
    {
        lock (gate)
        {
            if (files.ContainsKey(name)) return;
            Store(Enter(name), path);
        }

        Shrink();
    }

    /// <summary>The object was deleted: its copy goes, too. Who has it open reads on.</summary>
    public void Forget(string name)
    {
        lock (gate)
        {
            if (files.TryGetValue(name, out var file)) Drop(file);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        sweeper.Dispose();
        folder.Dispose();
    }

    private async Task FetchAsync(CachedFile file, Func<string, Task> fetch)
    {
        var temporary = folder.NewTemporary();
        try
        {
            await fetch(temporary);
            lock (gate)
            {
                // Forgotten meanwhile: the object is gone.
                if (file.Node is null) throw new FileNotFoundException($"The archive has no '{file.Name}' any more.", file.Name);
                Store(file, temporary);
            }

            Shrink();
        }
        catch
        {
            lock (gate) Drop(file);
            throw;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private void Store(CachedFile file, string path)
    {
        file.Length = new FileInfo(path).Length;
        Directory.CreateDirectory(Path.GetDirectoryName(file.Path)!);
        File.Move(path, file.Path, overwrite: true);
        Bytes += file.Length;
        file.IsThere = true;
    }

    private CachedFile Enter(string name)
    {
        var file = files[name] = new CachedFile(name, folder.PathOf(name)) { AskedAt = time.GetTimestamp() };
        file.Node = recent.AddFirst(file);
        return file;
    }

    private void Use(CachedFile file)
    {
        file.AskedAt = time.GetTimestamp();
        if (file.Node is null) return;
        recent.Remove(file.Node);
        recent.AddFirst(file.Node);
    }

    private void Release(CachedFile file)
    {
        lock (gate) file.Users--;
        Shrink();
    }

    private void Shrink()
    {
        lock (gate)
        {
            for (var node = recent.Last; node is not null;)
            {
                var (file, next) = (node.Value, node.Previous);
                var age = time.GetElapsedTime(file.AskedAt);
                if (Bytes <= limit && age < Unused) return;
                if (file.Users == 0 && age >= Held && file.IsThere) Drop(file);
                node = next;
            }
        }
    }

    private void Drop(CachedFile file)
    {
        if (file.Node is null) return;
        recent.Remove(file.Node);
        file.Node = null;
        files.Remove(file.Name);
        if (!file.IsThere) return;
        Bytes -= file.Length;
        File.Delete(file.Path);
    }
}

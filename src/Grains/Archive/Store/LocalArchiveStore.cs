using System.Runtime.CompilerServices;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>
/// An archive in a directory: an object's name is its path. The directory has one owning process, so a lock within it makes compare-and-swap; a put decides in one
/// call of the file system all the same.
/// <code>
///   {directory}/projects/…        the objects
///   {directory}/~new/{number}     what is being written; emptied at each start
/// </code>
/// </summary>
public sealed class LocalArchiveStore : IArchiveStore
{
    /// <summary>Not a name that an object can have.</summary>
    private const string TemporaryFolder = "~new";

    private readonly string _directory;
    private readonly string _temporary;
    private readonly IDiskFiles _files;
    private readonly TaskFactory _disk;
    private readonly Lock _turn = new();
    private readonly HashSet<string> _durable = [];
    private long _number;

    /// <summary>Opens the archive of a directory, which is made where there is none.</summary>
    /// <param name="directory">It must lie on a local disk, and nobody else may write in it.</param>
    public LocalArchiveStore(string directory)
        : this(directory, DiskFiles.Instance, TaskScheduler.Default)
    {
    }

    internal LocalArchiveStore(string directory, IDiskFiles files, TaskScheduler scheduler)
    {
        _directory = Path.GetFullPath(directory);
        _temporary = Path.Combine(_directory, TemporaryFolder);
        _files = files;
        _disk = new TaskFactory(CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskContinuationOptions.None, scheduler);
        files.CreateDirectory(_temporary);
        if (Path.GetDirectoryName(_directory) is { } parent) files.FlushDirectory(parent);
        foreach (var left in files.List(_temporary)) files.Delete(Path.Combine(_temporary, left));
    }

    /// <inheritdoc/>
    public ValueTask<bool> PutAsync(string name, Func<Stream, CancellationToken, Task> write, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(write);
        var path = PathOf(name);
        return new ValueTask<bool>(_disk.StartNew(() => WriteNewAsync(path, write, cancellation), cancellation).Unwrap());
    }

    /// <inheritdoc/>
    public ValueTask<string?> ReplaceAsync(string name, ReadOnlyMemory<byte> bytes, string? etag, CancellationToken cancellation)
    {
        var path = PathOf(name);
        return new ValueTask<string?>(_disk.StartNew(() => Replace(path, bytes.Span, etag), cancellation));
    }

    /// <inheritdoc/>
    public ValueTask<ArchiveObject?> OpenAsync(string name, CancellationToken cancellation)
    {
        var path = PathOf(name);
        return new ValueTask<ArchiveObject?>(_disk.StartNew(() => Open(path), cancellation));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ArchiveEntry> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ArchivePaths.CheckPrefix(prefix);
        foreach (var entry in await _disk.StartNew(() => List(prefix, cancellation), cancellation)) yield return entry;
    }

    /// <inheritdoc/>
    public ValueTask<bool> DeleteAsync(string name, CancellationToken cancellation)
    {
        var path = PathOf(name);
        return new ValueTask<bool>(_disk.StartNew(() => Delete(path), cancellation));
    }

    /// <inheritdoc/>
    public ValueTask<string> LocalPathAsync(string name, CancellationToken cancellation)
    {
        var path = PathOf(name);
        return new ValueTask<string>(_disk.StartNew(
            () => IsFile(path) ? path : throw new FileNotFoundException($"The archive has no '{name}'.", path), cancellation));
    }

    private async Task<bool> WriteNewAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellation)
    {
        var temporary = NewTemporary();
        try
        {
            using (var file = Create(temporary))
            {
                var stream = new DiskWriteStream(file, path);
                try
                {
                    await write(stream, cancellation);
                    stream.Complete();
                }
                catch (Exception) when (stream.Failure is { } failure)
                {
                    throw failure;
                }
                finally
                {
                    stream.Release();
                }
            }

            cancellation.ThrowIfCancellationRequested();
            return Publish(temporary, path, replaces: false);
        }
        finally
        {
            _files.Delete(temporary);
        }
    }

    private string? Replace(string path, ReadOnlySpan<byte> bytes, string? etag)
    {
        lock (_turn)
        {
            if (ReadETag(path) != etag) return null;
            var temporary = NewTemporary();
            try
            {
                using (var file = Create(temporary))
                {
                    try
                    {
                        file.Write(bytes, 0);
                        file.Flush();
                    }
                    catch (Exception error) when (DiskFull.Is(error))
                    {
                        throw new StorageFullException($"There is no room for {bytes.Length} bytes at '{path}': {error.Message} Free some space on the disk of the archive.", error);
                    }
                }

                // A put of the same name needs no turn, so that an insert may lose to it even here.
                return Publish(temporary, path, replaces: etag is not null) ? ContentETag.Of(bytes) : null;
            }
            finally
            {
                _files.Delete(temporary);
            }
        }
    }

    private bool Publish(string temporary, string path, bool replaces)
    {
        var folder = Path.GetDirectoryName(path)!;
        try
        {
            MakeDurable(folder);
            if (replaces) _files.Move(temporary, path);
            else if (!_files.MoveNew(temporary, path)) return false;
        }
        catch (Exception error) when (DiskFull.Is(error))
        {
            throw new StorageFullException($"There is no room for a name in '{folder}': {error.Message} Free some space on the disk of the archive.", error);
        }

        _files.FlushDirectory(folder);
        return true;
    }

    // Each folder's name must outlive a crash before anything in it is promised to.
    private void MakeDurable(string folder)
    {
        lock (_durable)
        {
            if (folder == _directory || _durable.Contains(folder)) return;
            var parent = Path.GetDirectoryName(folder)!;
            MakeDurable(parent);
            _files.CreateDirectory(folder);
            _files.FlushDirectory(parent);
            _durable.Add(folder);
        }
    }

    private bool Delete(string path)
    {
        lock (_turn)
        {
            if (!IsFile(path)) return false;
            _files.Delete(path);
            _files.FlushDirectory(Path.GetDirectoryName(path)!);
            return true;
        }
    }

    private ArchiveObject? Open(string path)
    {
        if (!IsFile(path) || _files.Open(path, FileMode.Open, FileAccess.Read) is not { } file) return null;
        var stream = new DiskReadStream(file);
        return new ArchiveObject(stream, stream.Length, () => ContentETag.Of(stream));
    }

    private string? ReadETag(string path)
    {
        if (!IsFile(path) || _files.Open(path, FileMode.Open, FileAccess.Read) is not { } file) return null;
        using var stream = new DiskReadStream(file);
        return ContentETag.Of(stream);
    }

    private List<ArchiveEntry> List(string prefix, CancellationToken cancellation)
    {
        var found = new List<ArchiveEntry>();
        var folder = prefix[..(prefix.LastIndexOf('/') + 1)];
        Walk(folder);
        return found;

        void Walk(string below)
        {
            cancellation.ThrowIfCancellationRequested();
            var children = new List<(string Name, DiskEntry Entry)>();
            foreach (var child in _files.List(Path.Combine(_directory, below)))
            {
                if (child == TemporaryFolder || _files.Look(Path.Combine(_directory, below, child)) is not { } entry) continue;
                // With its slash a folder stands where the names within it stand among its neighbours.
                children.Add((below + child + (entry.IsDirectory ? "/" : ""), entry));
            }

            children.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
            foreach (var (name, entry) in children)
            {
                if (entry.IsDirectory)
                {
                    if (name.StartsWith(prefix, StringComparison.Ordinal) || prefix.StartsWith(name, StringComparison.Ordinal)) Walk(name);
                }
                else if (name.StartsWith(prefix, StringComparison.Ordinal))
                {
                    found.Add(new ArchiveEntry(name, entry.Length, entry.Changed));
                }
            }
        }
    }

    private IDiskFile Create(string temporary)
    {
        try
        {
            return _files.Open(temporary, FileMode.Create, FileAccess.ReadWrite)!;
        }
        catch (Exception error) when (DiskFull.Is(error))
        {
            throw new StorageFullException($"There is no room for a file in '{_temporary}': {error.Message} Free some space on the disk of the archive.", error);
        }
    }

    private bool IsFile(string path) => _files.Look(path) is { IsDirectory: false };

    private string NewTemporary() => Path.Combine(_temporary, Interlocked.Increment(ref _number).ToString(System.Globalization.CultureInfo.InvariantCulture));

    private string PathOf(string name) => Path.Combine(_directory, ArchivePaths.Check(name));
}

using System.Runtime.CompilerServices;

namespace Rollbook.Archive;

/// <summary>An archive in memory, for tests and simulation. Files for <see cref="LocalPathAsync"/> are made in a temporary directory, which goes with the store.</summary>
public sealed class MemoryArchiveStore(TimeProvider? time = null) : IArchiveStore, IDisposable
{
    private readonly SortedDictionary<string, Stored> _objects = new(StringComparer.Ordinal);
    private readonly Lock _turn = new();
    private string? _directory;
    private int _files;

    /// <inheritdoc/>
    public async ValueTask<bool> PutAsync(string name, Func<Stream, CancellationToken, Task> write, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(write);
        ArchivePaths.Check(name);
        cancellation.ThrowIfCancellationRequested();
        using var bytes = new MemoryStream();
        await write(bytes, cancellation);
        cancellation.ThrowIfCancellationRequested();
        lock (_turn) return _objects.TryAdd(name, Of(bytes.ToArray()));
    }

    /// <inheritdoc/>
    public ValueTask<string?> ReplaceAsync(string name, ReadOnlyMemory<byte> bytes, string? etag, CancellationToken cancellation)
    {
        ArchivePaths.Check(name);
        cancellation.ThrowIfCancellationRequested();
        lock (_turn)
        {
            if (_objects.GetValueOrDefault(name)?.ETag != etag) return ValueTask.FromResult<string?>(null);
            var stored = _objects[name] = Of(bytes.ToArray());
            return ValueTask.FromResult<string?>(stored.ETag);
        }
    }

    /// <inheritdoc/>
    public ValueTask<ArchiveObject?> OpenAsync(string name, CancellationToken cancellation)
    {
        ArchivePaths.Check(name);
        cancellation.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Find(name) is { } found
            ? new ArchiveObject(new MemoryStream(found.Bytes, writable: false), found.Bytes.Length, () => found.ETag)
            : null);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ArchiveEntry> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ArchivePaths.CheckPrefix(prefix);
        cancellation.ThrowIfCancellationRequested();
        List<ArchiveEntry> found;
        lock (_turn)
        {
            found = [.. _objects.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
                .Select(pair => new ArchiveEntry(pair.Key, pair.Value.Bytes.Length, pair.Value.Changed))];
        }

        foreach (var entry in found)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return entry;
        }

        await ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<bool> DeleteAsync(string name, CancellationToken cancellation)
    {
        ArchivePaths.Check(name);
        cancellation.ThrowIfCancellationRequested();
        lock (_turn) return ValueTask.FromResult(_objects.Remove(name));
    }

    /// <inheritdoc/>
    public ValueTask<string> LocalPathAsync(string name, CancellationToken cancellation)
    {
        ArchivePaths.Check(name);
        cancellation.ThrowIfCancellationRequested();
        var found = Find(name) ?? throw new FileNotFoundException($"The archive has no '{name}'.", name);
        lock (_turn)
        {
            // A new file each time: an engine may have the old one open.
            if (found.Path is not null && File.Exists(found.Path)) return ValueTask.FromResult(found.Path);
            _directory ??= Directory.CreateTempSubdirectory("rollbook-archive-").FullName;
            found.Path = Path.Combine(_directory, $"{++_files}-{Path.GetFileName(name)}");
            File.WriteAllBytes(found.Path, found.Bytes);
            return ValueTask.FromResult(found.Path);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_directory is not null) Directory.Delete(_directory, recursive: true);
        _directory = null;
    }

    private Stored? Find(string name)
    {
        lock (_turn) return _objects.GetValueOrDefault(name);
    }

    private Stored Of(byte[] bytes) => new(bytes, ContentETag.Of(bytes), (time ?? TimeProvider.System).GetUtcNow());

    private sealed record Stored(byte[] Bytes, string ETag, DateTimeOffset Changed)
    {
        public string? Path { get; set; }
    }
}

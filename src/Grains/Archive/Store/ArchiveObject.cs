namespace Rollbook.Archive;

/// <summary>An object that is open to be read.</summary>
/// <param name="content">A stream that reads and seeks, owned by this object from here on.</param>
/// <param name="length">Its length in bytes.</param>
/// <param name="etag">Tells the ETag; called once, and only where it is asked for.</param>
public sealed class ArchiveObject(Stream content, long length, Func<string> etag) : IAsyncDisposable
{
    private readonly Lazy<string> _etag = new(etag);

    /// <summary>The bytes; reads and seeks.</summary>
    public Stream Content => content;

    /// <summary>Length in bytes.</summary>
    public long Length => length;

    /// <summary>
    /// What <see cref="IArchiveStore.ReplaceAsync"/> compares. Of a local file it is made from all of the content, so ask only of small objects.
    /// </summary>
    public string ETag => _etag.Value;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => content.DisposeAsync();
}

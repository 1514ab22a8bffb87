namespace Rollbook.Archive;

/// <summary>A reader of an open file, for one caller until it gives it back.</summary>
internal readonly struct PackLease<T>(PackReaders readers, OpenPack pack) : IAsyncDisposable
    where T : class
{
    /// <summary>The reader.</summary>
    public T Reader => (T)pack.Reader!;

    /// <summary>The file's bytes.</summary>
    public Stream Content => pack.Content!.Content;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => readers.ReturnAsync(pack);
}

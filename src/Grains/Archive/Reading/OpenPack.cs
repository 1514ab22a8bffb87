namespace Rollbook.Archive;

/// <summary>One file of the archive that is kept open, with whoever reads it at this moment.</summary>
internal sealed class OpenPack(string name)
{
    /// <summary>The file's name in the archive.</summary>
    public string Name => name;

    /// <summary>One reader at a time: they share the stream's position.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>The open object; null before the first use.</summary>
    public ArchiveObject? Content { get; set; }

    /// <summary>The reader over it; null before the first use.</summary>
    public object? Reader { get; set; }

    /// <summary>Those that read or wait. Guarded by the lock of <see cref="PackReaders"/>.</summary>
    public int Users { get; set; }

    /// <summary>Where it stands among the last ones used. Guarded like <see cref="Users"/>.</summary>
    public LinkedListNode<OpenPack>? Node { get; set; }

    /// <summary>Closes it; nobody reads it any more.</summary>
    public async ValueTask CloseAsync()
    {
        (Reader as IDisposable)?.Dispose();
        if (Content is not null) await Content.DisposeAsync();
    }
}

namespace Rollbook.Archive;

/// <summary>A file of the cache that stays there while it is open.</summary>
internal sealed class CachedStream(string path, Action release) : FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 64 << 10)
{
    private Action? release = release;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Interlocked.Exchange(ref release, null)?.Invoke();
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Interlocked.Exchange(ref release, null)?.Invoke();
    }
}

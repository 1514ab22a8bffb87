namespace Rollbook.Testing;

/// <summary>A store that lives in memory, or is opened elsewhere.</summary>
/// <param name="store">The store.</param>
public sealed class MemorySubject<T>(T store) : IStoreSubject<T>
{
    /// <inheritdoc/>
    public T Store => store;

    /// <inheritdoc/>
    public void Reopen()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}

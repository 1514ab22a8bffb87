namespace Rollbook.Testing;

/// <summary>A store that is opened anew on the same data each time, as by the next process.</summary>
/// <param name="open">Opens it.</param>
/// <param name="data">What it is opened on; disposed in the end.</param>
public sealed class ReopenedSubject<T>(Func<T> open, IDisposable data) : IStoreSubject<T>
{
    /// <inheritdoc/>
    public T Store { get; private set; } = open();

    /// <inheritdoc/>
    public void Reopen()
    {
        (Store as IDisposable)?.Dispose();
        Store = open();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        (Store as IDisposable)?.Dispose();
        data.Dispose();
    }
}

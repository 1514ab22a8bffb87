using Rollbook.StepLog;

namespace Rollbook.Testing;

/// <summary>What lies on a container of an object store: opened anew each time, as by the next process.</summary>
/// <param name="container">The container, which stays.</param>
/// <param name="open">Opens it.</param>
public sealed class ContainerSubject<T>(IObjectContainer container, Func<IObjectContainer, T> open) : IStoreSubject<T>
{
    /// <inheritdoc/>
    public T Store { get; private set; } = open(container);

    /// <inheritdoc/>
    public void Reopen() => Store = open(container);

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}

namespace Rollbook.Testing;

/// <summary>What a conformance suite is held against: a store, and a way to stop and open it again.</summary>
/// <typeparam name="T">The seam.</typeparam>
public interface IStoreSubject<out T> : IDisposable
{
    /// <summary>The store as it is open now.</summary>
    T Store { get; }

    /// <summary>Closes the store and opens it again on the same data. A store in memory stays as it is.</summary>
    void Reopen();
}

using Azure.Core.Pipeline;
using Rollbook.Azure;

namespace Rollbook.Testing;

/// <summary>A store in tables of its own.</summary>
public sealed class AzuriteSubject<T> : IStoreSubject<T>
{
    private readonly Func<T> _open;

    /// <summary>Makes the tables, at once: suites open stores from many threads, which would all wait. Skips the test where the emulator is missing.</summary>
    /// <param name="azurite">The emulator.</param>
    /// <param name="make">Makes the store.</param>
    /// <param name="policies">What each call passes.</param>
    public AzuriteSubject(Azurite azurite, Func<AzureTables, T> make, params HttpPipelinePolicy[] policies)
    {
        var options = AzuriteTables.Options(azurite);
        AzuriteTables.OpenAsync(options).GetAwaiter().GetResult();
        _open = () => make(AzuriteTables.Connect(options, policies));
        Store = _open();
    }

    /// <inheritdoc/>
    public T Store { get; private set; }

    /// <inheritdoc/>
    public void Reopen() => Store = _open();

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}

using Azure.Core.Pipeline;
using Rollbook.Azure;

namespace Rollbook.Testing;

/// <summary>A store in tables of its own. It is opened at its first use, which skips the test where the emulator is missing.</summary>
/// <param name="azurite">The emulator.</param>
/// <param name="make">Makes the store.</param>
/// <param name="policies">What each call passes.</param>
public sealed class AzuriteSubject<T>(Azurite azurite, Func<AzureTables, T> make, params HttpPipelinePolicy[] policies) : IStoreSubject<T>
{
    private readonly Lazy<AzureOptions> _options = new(() =>
    {
        var options = AzuriteTables.Options(azurite);
        AzuriteTables.OpenAsync(options).GetAwaiter().GetResult();
        return options;
    });

    private T? _store;

    /// <inheritdoc/>
    public T Store => _store ??= make(AzuriteTables.Connect(_options.Value, policies));

    /// <inheritdoc/>
    public void Reopen() => _store = default;

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}

namespace Rollbook.StepLog;

/// <summary>Index objects of logs in an object store.</summary>
public sealed class ObjectLogIndexStore : ILogIndexStore
{
    private readonly IObjectContainer _container;
    private readonly ObjectCalls _calls;

    /// <summary>Opens the store on a container.</summary>
    /// <param name="container">The container; it exists.</param>
    /// <param name="options">How it is used.</param>
    /// <param name="time">Measures pauses.</param>
    /// <param name="seed">Of the pauses, another one for each process.</param>
    public ObjectLogIndexStore(IObjectContainer container, ObjectStepLogOptions options, TimeProvider time, int seed) =>
        (_container, _calls) = (container, new ObjectCalls(options, time, seed));

    /// <inheritdoc/>
    public async ValueTask PutAsync(LogId log, string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        var path = ObjectNames.Index(log, name);
        await _calls.UntilAnsweredAsync(
            path,
            async token =>
            {
                await _container.PutAsync(path, bytes, token);
                return true;
            },
            cancellation);
    }

    /// <inheritdoc/>
    public ValueTask<byte[]?> GetAsync(LogId log, string name, CancellationToken cancellation)
    {
        var path = ObjectNames.Index(log, name);
        return _calls.UntilAnsweredAsync(path, token => _container.GetAsync(path, token), cancellation);
    }
}

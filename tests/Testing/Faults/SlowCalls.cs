namespace Rollbook.Testing;

/// <summary>Stores that are some way off: each call takes a time, any number of them at once.</summary>
/// <param name="each">How long a call takes at least.</param>
/// <param name="time">Measures it.</param>
public sealed class SlowCalls(TimeSpan each, TimeProvider time) : CallGate
{
    /// <inheritdoc/>
    public override async ValueTask<T> CallAsync<T>(string what, Func<ValueTask<T>> call)
    {
        ArgumentNullException.ThrowIfNull(call);
        await Task.Delay(each, time);
        return await call();
    }
}

namespace Rollbook.Testing;

/// <summary>What every call of a silo to its stores passes, so that a test decides about each: see <see cref="CallSchedule"/> and <see cref="CallTurns"/>.</summary>
public abstract class CallGate
{
    /// <summary>Makes a call, or not.</summary>
    /// <param name="what">The seam and the method, such as <c>archive put</c>, for messages.</param>
    /// <param name="call">The call itself.</param>
    public abstract ValueTask<T> CallAsync<T>(string what, Func<ValueTask<T>> call);

    /// <summary>Makes a call without a result, or not.</summary>
    public async ValueTask CallAsync(string what, Func<ValueTask> call) => await CallAsync(
        what,
        async () =>
        {
            await call();
            return true;
        });
}

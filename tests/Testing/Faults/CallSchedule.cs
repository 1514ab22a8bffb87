namespace Rollbook.Testing;

/// <summary>Lets one call fail, or kills the silo there: with 0, 1, 2, … the point of failure walks through all that a silo does.</summary>
/// <param name="at">The call, from 0.</param>
/// <param name="fault">What happens at it.</param>
public sealed class CallSchedule(int at, CallFault fault) : CallGate
{
    private readonly Lock gate = new();
    private int calls;

    /// <summary>The call at which it happened; null while it has not.</summary>
    public string? Met { get; private set; }

    /// <summary>Whether the silo was killed: it does nothing any more.</summary>
    public bool IsKilled { get; private set; }

    /// <inheritdoc/>
    public override async ValueTask<T> CallAsync<T>(string what, Func<ValueTask<T>> call)
    {
        bool isMet;
        lock (gate)
        {
            if (IsKilled) throw new IOException("This silo is killed.");
            isMet = calls++ == at;
            if (isMet)
            {
                Met = what;
                if (fault == CallFault.KillBefore) IsKilled = true;
            }
        }

        if (!isMet) return await call();
        if (fault is CallFault.FailAfter or CallFault.KillAfter) await call();
        if (fault == CallFault.KillAfter) IsKilled = true;
        throw new IOException($"The test lets call {at} fail: {what}, {fault}.");
    }
}

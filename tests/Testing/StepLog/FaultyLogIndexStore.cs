using Rollbook.StepLog;

namespace Rollbook.Testing;

/// <summary>An index store whose writes fail as long as a test says so.</summary>
/// <param name="inner">The store under it.</param>
public sealed class FaultyLogIndexStore(ILogIndexStore inner) : ILogIndexStore
{
    private int _failed;

    /// <summary>What a write fails with; null = it succeeds.</summary>
    public Func<Exception>? Failure { get; set; }

    /// <summary>How many writes failed.</summary>
    public int Failed => Volatile.Read(ref _failed);

    /// <inheritdoc/>
    public ValueTask PutAsync(LogId log, string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        if (Failure is not { } failure) return inner.PutAsync(log, name, bytes, cancellation);
        Interlocked.Increment(ref _failed);
        return ValueTask.FromException(failure());
    }

    /// <inheritdoc/>
    public ValueTask<byte[]?> GetAsync(LogId log, string name, CancellationToken cancellation) => inner.GetAsync(log, name, cancellation);
}

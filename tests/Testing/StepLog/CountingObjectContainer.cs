using Rollbook.StepLog;

namespace Rollbook.Testing;

/// <summary>Counts what an object store is asked for, by what it costs.</summary>
/// <param name="inner">The container behind it.</param>
public sealed class CountingObjectContainer(IObjectContainer inner) : DelegatingObjectContainer(inner)
{
    private long _writes;
    private long _reads;

    /// <summary>Puts and lists, which cost the same.</summary>
    public long Writes => Interlocked.Read(ref _writes);

    /// <summary>Whole objects and parts that were read.</summary>
    public long Reads => Interlocked.Read(ref _reads);

    /// <inheritdoc/>
    public override ValueTask<bool> PutNewAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _writes);
        return Inner.PutNewAsync(name, bytes, cancellation);
    }

    /// <inheritdoc/>
    public override ValueTask PutAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _writes);
        return Inner.PutAsync(name, bytes, cancellation);
    }

    /// <inheritdoc/>
    public override ValueTask<ObjectPage> ListAsync(string prefix, string? page, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _writes);
        return Inner.ListAsync(prefix, page, cancellation);
    }

    /// <inheritdoc/>
    public override ValueTask<byte[]?> GetAsync(string name, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _reads);
        return Inner.GetAsync(name, cancellation);
    }

    /// <inheritdoc/>
    public override ValueTask<int?> ReadAsync(string name, long offset, Memory<byte> into, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _reads);
        return Inner.ReadAsync(name, offset, into, cancellation);
    }
}

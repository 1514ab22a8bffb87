using System.Collections.Concurrent;
using Rollbook.StepLog;
using Rollbook.Testing;

namespace Rollbook.Cluster.Tests.Silos;

/// <summary>Counts how often each object was read, whole or in part.</summary>
internal sealed class CountingObjects(IObjectContainer inner) : DelegatingObjectContainer(inner)
{
    private readonly ConcurrentDictionary<string, int> reads = new();

    /// <summary>How often each chunk of a log below a number was read.</summary>
    public IReadOnlyList<int> ReadsOf(LogId log, long end) =>
        [.. Enumerable.Range(0, (int)end).Select(number => reads.GetValueOrDefault(ObjectNames.Chunk(log, number)))];

    public void Clear() => reads.Clear();

    public override ValueTask<byte[]?> GetAsync(string name, CancellationToken cancellation)
    {
        Count(name);
        return base.GetAsync(name, cancellation);
    }

    public override ValueTask<int?> ReadAsync(string name, long offset, Memory<byte> into, CancellationToken cancellation)
    {
        Count(name);
        return base.ReadAsync(name, offset, into, cancellation);
    }

    private void Count(string name) => reads.AddOrUpdate(name, 1, static (_, n) => n + 1);
}

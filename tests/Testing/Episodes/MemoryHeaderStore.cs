using Rollbook.Episodes;

namespace Rollbook.Testing;

/// <summary>
/// <see cref="IHeaderStore"/> in memory. Every call completes before it returns, on the caller's thread, and the ETags come from the seed:
/// a run under a single-threaded scheduler repeats exactly.
/// </summary>
/// <param name="seed">The seed of the ETags.</param>
public sealed class MemoryHeaderStore(int seed = 0) : IHeaderStore
{
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);
    private readonly SortedDictionary<(string Project, UInt128 Id), EpisodeHeader> _headers = new(KeyOrder.Instance);

    /// <summary>All headers as they are now, by project and id.</summary>
    public IReadOnlyList<EpisodeHeader> Snapshot()
    {
        lock (_gate) return [.. _headers.Values];
    }

    /// <inheritdoc/>
    public ValueTask<EpisodeHeader?> ReadAsync(EpisodeKey key, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested) return ValueTask.FromCanceled<EpisodeHeader?>(cancellation);
        lock (_gate) return ValueTask.FromResult(_headers.GetValueOrDefault((key.Project, key.Id.Value)));
    }

    /// <inheritdoc/>
    public ValueTask<EpisodeHeader?> WriteAsync(EpisodeHeader header, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(header);
        if (cancellation.IsCancellationRequested) return ValueTask.FromCanceled<EpisodeHeader?>(cancellation);
        lock (_gate)
        {
            var key = (header.Key.Project, header.Key.Id.Value);
            if (_headers.GetValueOrDefault(key)?.ETag != header.ETag) return ValueTask.FromResult<EpisodeHeader?>(null);
            // Copied: the caller's list may be one that it goes on changing.
            var stored = header with { ETag = SeededETag.Next(_random), Extents = [.. header.Extents] };
            _headers[key] = stored;
            return ValueTask.FromResult<EpisodeHeader?>(stored);
        }
    }

    private sealed class KeyOrder : IComparer<(string Project, UInt128 Id)>
    {
        public static readonly KeyOrder Instance = new();

        public int Compare((string Project, UInt128 Id) x, (string Project, UInt128 Id) y)
        {
            var project = string.CompareOrdinal(x.Project, y.Project);
            return project != 0 ? project : x.Id.CompareTo(y.Id);
        }
    }
}

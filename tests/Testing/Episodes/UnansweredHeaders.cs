using Rollbook.Episodes;

namespace Rollbook.Testing;

/// <summary>A header store whose next write gets no answer, by the will of a test.</summary>
/// <param name="inner">The store behind it.</param>
public sealed class UnansweredHeaders(IHeaderStore inner) : IHeaderStore
{
    /// <summary>What becomes of a write without an answer.</summary>
    public enum Fate
    {
        /// <summary>It was applied.</summary>
        Applied,

        /// <summary>It never arrives.</summary>
        Lost,

        /// <summary>It is on its way until <see cref="ArriveAsync"/>.</summary>
        Late,
    }

    private EpisodeHeader? _late;

    /// <summary>What becomes of the next write; null = it is answered.</summary>
    public Fate? Next { get; set; }

    /// <inheritdoc/>
    public ValueTask<EpisodeHeader?> ReadAsync(EpisodeKey key, CancellationToken cancellation) => inner.ReadAsync(key, cancellation);

    /// <inheritdoc/>
    public async ValueTask<EpisodeHeader?> WriteAsync(EpisodeHeader header, CancellationToken cancellation)
    {
        var fate = Next;
        Next = null;
        if (fate is null or Fate.Applied)
        {
            var stored = await inner.WriteAsync(header, cancellation);
            if (fate is null) return stored;
        }

        if (fate == Fate.Late) _late = header;
        throw new IOException("The header store did not answer.");
    }

    /// <summary>The late write arrives.</summary>
    /// <returns>Whether it was applied.</returns>
    public async Task<bool> ArriveAsync()
    {
        var late = _late ?? throw new InvalidOperationException("No write is on its way.");
        _late = null;
        return await inner.WriteAsync(late, CancellationToken.None) is not null;
    }
}

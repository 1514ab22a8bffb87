using System.Collections.Concurrent;
using Rollbook.Query;

namespace Rollbook.Testing.Query;

/// <summary>Sources that a test sets, project by project.</summary>
public sealed class FakeSources : IQuerySources
{
    private int packs;

    /// <summary>What a pin gives; a project that isn't here is empty.</summary>
    public ConcurrentDictionary<string, QuerySource> Projects { get; } = [];

    /// <summary>Runs before each pin.</summary>
    public Func<string, CancellationToken, Task>? OnPin { get; set; }

    /// <summary>Runs where a pack is asked for.</summary>
    public Action<string>? OnPack { get; set; }

    /// <summary>How often a pack was asked for.</summary>
    public int Packs => packs;

    /// <inheritdoc/>
    public async ValueTask<QuerySource> PinAsync(string project, CancellationToken cancellation)
    {
        if (OnPin is not null) await OnPin(project, cancellation);
        return Projects.GetValueOrDefault(project, QuerySource.Empty);
    }

    /// <inheritdoc/>
    public ValueTask PackNowAsync(string project, CancellationToken cancellation)
    {
        Interlocked.Increment(ref packs);
        OnPack?.Invoke(project);
        return ValueTask.CompletedTask;
    }
}

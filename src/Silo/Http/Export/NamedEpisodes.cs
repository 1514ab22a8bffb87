using System.Runtime.CompilerServices;

namespace Rollbook.Silo.Http;

/// <summary>The episodes that a query names by their ids.</summary>
/// <param name="project">The caller's project.</param>
/// <param name="ids">Each once.</param>
/// <param name="episodes">Reads them.</param>
/// <param name="leavesOutDamaged">See <see cref="LeavesOutDamaged"/>.</param>
internal sealed class NamedEpisodes(string project, IReadOnlyList<EpisodeId> ids, EpisodeSources episodes, bool leavesOutDamaged) : IEpisodeSelection
{
    private const int AtOnce = 32;

    /// <inheritdoc/>
    public bool IsOne => ids.Count == 1;

    /// <inheritdoc/>
    public string Name => IsOne ? ids[0].ToString() : "rollbook-export";

    /// <inheritdoc/>
    public bool MayVanish => false;

    /// <inheritdoc/>
    public bool LeavesOutDamaged => leavesOutDamaged;

    /// <inheritdoc/>
    public IReadOnlyList<string> Missing => [];

    /// <inheritdoc/>
    public async IAsyncEnumerable<EpisodeKey> ReadAsync(EpisodeId? after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var selected = ids.Where(id => after is not { } last || id.CompareTo(last) > 0).Order().ToList();
        // All of them before the first: an export that breaks off late over a wrong id is worth nothing. One alone is opened before the first byte anyway.
        if (selected.Count > 1)
            await Parallel.ForEachAsync(selected, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (id, _) => await CheckAsync(id));
        foreach (var id in selected)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return new EpisodeKey(project, id);
        }
    }

    private async ValueTask CheckAsync(EpisodeId id)
    {
        var view = await episodes.Of(new EpisodeKey(project, id)).ReadAsync();
        if (view.Record is null && !(leavesOutDamaged && view.Code == RollbookCode.Damaged)) throw ExportedEpisodes.Refusal(view, id);
    }
}

using System.Runtime.CompilerServices;
using Rollbook.Query;

namespace Rollbook.Silo.Http;

/// <summary>The episodes of a filter, as a list gives them, that are there when the export begins.</summary>
/// <param name="project">The caller's project.</param>
/// <param name="filter">Which episodes.</param>
/// <param name="queries">Lists them.</param>
/// <param name="leavesOutDamaged">See <see cref="LeavesOutDamaged"/>.</param>
internal sealed class FilteredEpisodes(string project, EpisodeFilter filter, EpisodeQueries queries, bool leavesOutDamaged) : IEpisodeSelection
{
    private const int PageIds = 10_000;

    /// <inheritdoc/>
    public bool IsOne => false;

    /// <inheritdoc/>
    public string Name => "rollbook-export";

    /// <inheritdoc/>
    public bool MayVanish => true;

    /// <inheritdoc/>
    public bool LeavesOutDamaged => leavesOutDamaged;

    /// <inheritdoc/>
    public IReadOnlyList<string> Missing { get; private set; } = [];

    /// <inheritdoc/>
    public async IAsyncEnumerable<EpisodeKey> ReadAsync(EpisodeId? after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var page = await queries.IdsAsync(project, filter, after, PageIds, cancellation, fresh: true);
        Missing = page.Missing;
        // Episodes begin while others are written: without an end this would follow them for ever.
        var last = page.Last;
        while (page.Ids.Count > 0)
        {
            foreach (var id in page.Ids)
            {
                if (id.CompareTo(last!.Value) > 0) yield break;
                yield return new EpisodeKey(project, id);
            }

            if (page.Ids.Count < PageIds) yield break;
            page = await queries.IdsAsync(project, filter, page.Ids[^1], PageIds, cancellation);
        }
    }
}

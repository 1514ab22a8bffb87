using Rollbook.Query;

namespace Rollbook.Archive;

/// <summary>The episodes that a filter dooms.</summary>
/// <param name="Episodes">At most <see cref="Deletions.MaxEpisodes"/>.</param>
/// <param name="More">Whether there are more.</param>
internal sealed record DoomedChoice(IReadOnlyList<DoomedEpisode> Episodes, bool More)
{
    private const int PageSize = 1_000;

    /// <summary>Reads them out of the listing, page by page.</summary>
    /// <param name="queries">The listings.</param>
    /// <param name="project">The project.</param>
    /// <param name="filter">Which episodes.</param>
    /// <param name="order">The order in which they are looked at.</param>
    /// <param name="until">Ends the reading before the first episode of which it is true; null = all are read.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="QueryTimeoutException">A page took too long.</exception>
    public static async Task<DoomedChoice> ReadAsync(
        EpisodeQueries queries, string project, EpisodeFilter filter, ListOrder order, Func<EpisodeRecord, bool>? until, CancellationToken cancellation)
    {
        var chosen = new List<DoomedEpisode>();
        ListCursor? after = null;
        while (true)
        {
            var page = await queries.ListAsync(project, filter, order, PageSize, after, cancellation, texts: false);
            foreach (var (record, _) in page.Items)
            {
                if (until is not null && until(record)) return new DoomedChoice(chosen, false);
                if (chosen.Count == Deletions.MaxEpisodes) return new DoomedChoice(chosen, true);
                chosen.Add(DoomedEpisode.Of(record));
            }

            if (page.Next is not { } next) return new DoomedChoice(chosen, false);
            after = ListCursor.Parse(next, order);
        }
    }
}

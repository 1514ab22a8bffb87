namespace Rollbook.Silo.Http;

/// <summary>
/// An episode that was read as a whole before its first byte is written: what was sent can't be taken back, and half an episode is worth nothing. Its pages are kept
/// where they are few, so that most episodes are read once; longer ones are read twice, since no episode is in memory whole.
/// </summary>
internal static class ProvenEpisode
{
    // About 1 MiB each.
    private const int KeptPages = 8;

    /// <summary>Reads it.</summary>
    /// <param name="episode">What is to be written.</param>
    /// <param name="steps">Whether its steps are.</param>
    /// <param name="scores">Whether its score events are.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="RefusedException">A part of it can't be read.</exception>
    public static async ValueTask<EpisodeContent> OfAsync(EpisodeContent episode, bool steps, bool scores, CancellationToken cancellation) => episode with
    {
        Scores = scores ? await OfAsync(episode.Scores, cancellation) : episode.Scores,
        Steps = steps ? await OfAsync(episode.Steps, cancellation) : episode.Steps,
    };

    private static async ValueTask<Func<IAsyncEnumerable<T>>> OfAsync<T>(Func<IAsyncEnumerable<T>> pages, CancellationToken cancellation)
    {
        List<T>? kept = [];
        await foreach (var page in pages().WithCancellation(cancellation))
        {
            if (kept?.Count == KeptPages) kept = null;
            kept?.Add(page);
        }

        if (kept is not { } whole) return pages;
        return () => whole.ToAsyncEnumerable();
    }
}

namespace Rollbook.Silo.Http;

/// <summary>
/// An episode that was read as a whole before its first byte is written: what was sent can't be taken back, and half an episode is worth nothing. Its pages are kept
/// where they are few, so that most episodes are read once; longer ones are read twice, since no episode is in memory whole. Of a huge one only the first part is read
/// beforehand, since whoever waits for the first byte waits for that: damage behind it breaks the export off.
/// </summary>
internal static class ProvenEpisode
{
    /// <summary>Bytes of pages that are kept.</summary>
    internal const long KeptBytes = 8 << 20;

    /// <summary>Bytes of pages that are read beforehand: some seconds' worth.</summary>
    internal const long ProvenBytes = 256 << 20;

    // A score event is small; its metadata is bounded by the size of a request.
    private const int ScoreBytes = 256;

    /// <summary>Reads it.</summary>
    /// <param name="episode">What is to be written.</param>
    /// <param name="steps">Whether its steps are.</param>
    /// <param name="scores">Whether its score events are.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="RefusedException">A part of it can't be read.</exception>
    public static async ValueTask<EpisodeContent> OfAsync(EpisodeContent episode, bool steps, bool scores, CancellationToken cancellation) => episode with
    {
        Scores = scores ? await OfAsync(episode.Scores, static page => (long)page.Count * ScoreBytes, cancellation) : episode.Scores,
        Steps = steps ? await OfAsync(episode.Steps, static page => page.Steps.Bytes.Length, cancellation) : episode.Steps,
    };

    /// <summary>Reads pages, and gives what reads them again.</summary>
    internal static async ValueTask<Func<IAsyncEnumerable<T>>> OfAsync<T>(Func<IAsyncEnumerable<T>> pages, Func<T, long> bytesOf, CancellationToken cancellation)
    {
        List<T>? kept = [];
        long bytes = 0;
        await foreach (var page in pages().WithCancellation(cancellation))
        {
            bytes += bytesOf(page);
            if (bytes > ProvenBytes) return pages;
            if (bytes > KeptBytes) kept = null;
            kept?.Add(page);
        }

        if (kept is not { } whole) return pages;
        return () => whole.ToAsyncEnumerable();
    }
}

namespace Rollbook.Silo.Http;

/// <summary>Episodes ready to be written: the next one is read while the present one is written.</summary>
internal sealed class OpenedEpisodes : IAsyncDisposable
{
    private readonly IAsyncEnumerator<EpisodeContent> episodes;
    private readonly CancellationToken cancellation;
    private Task<EpisodeExport?> ahead;

    /// <summary>Begins with the first.</summary>
    public OpenedEpisodes(IAsyncEnumerable<EpisodeContent> episodes, CancellationToken cancellation)
    {
        (this.episodes, this.cancellation) = (episodes.GetAsyncEnumerator(cancellation), cancellation);
        ahead = OpenAsync();
    }

    /// <summary>Waits for the first, which stays the next one.</summary>
    /// <exception cref="RefusedException">It can't be read.</exception>
    public Task PeekAsync() => ahead;

    /// <summary>The next one, which the caller disposes; null behind the last.</summary>
    /// <exception cref="RefusedException">It can't be read; the message names it.</exception>
    public async ValueTask<EpisodeExport?> NextAsync()
    {
        var next = await ahead;
        ahead = next is null ? Task.FromResult<EpisodeExport?>(null) : Task.Run(OpenAsync, CancellationToken.None);
        return next;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (await ahead is { } unused) await unused.DisposeAsync();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // Nobody asked for it.
        }

        await episodes.DisposeAsync();
    }

    private async Task<EpisodeExport?> OpenAsync() =>
        await episodes.MoveNextAsync() ? await EpisodeExport.OpenAsync(episodes.Current, cancellation) : null;
}

namespace Rollbook.Export;

/// <summary>Writes one table's rows of episodes that come ordered by id. Its memory is that of one row group.</summary>
internal abstract class TableWriter : IDisposable
{
    /// <summary>Adds the rows of an episode.</summary>
    /// <param name="episode">The episode.</param>
    /// <param name="written">Awaited between two pages: what was written meanwhile can go.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="Exception">Whatever the pages throw; what was written is then no file.</exception>
    public abstract ValueTask AddAsync(EpisodeContent episode, Func<ValueTask> written, CancellationToken cancellation);

    /// <summary>Ends the file; without this it is none.</summary>
    /// <param name="leftOut">Episodes whose rows are not in it although they were asked for: its metadata tell them.</param>
    /// <returns>How many rows it has.</returns>
    public abstract long Complete(IReadOnlyList<LeftOut> leftOut);

    /// <inheritdoc/>
    public abstract void Dispose();
}

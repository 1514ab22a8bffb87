namespace Rollbook.Query;

/// <summary>What queries read: the archive's files and what the logs hold beyond them. One implementation serves all projects.</summary>
/// <remarks>
/// A pin is one consistent moment: every episode that was acknowledged before the call is in <see cref="QuerySource.Episodes"/>, in <see cref="QuerySource.Live"/>, or in
/// both; never in neither, unless the log that holds it is named in <see cref="QuerySource.Missing"/>. The files of a pin stay readable under their paths for at least
/// two minutes, also when a later version of the archive no longer lists them. Calls may overlap.
/// </remarks>
public interface IQuerySources
{
    /// <summary>Pins the newest version of a project's archive and asks the logs for what it doesn't cover. A project without data has an empty source.</summary>
    /// <param name="project">The tenant.</param>
    /// <param name="cancellation">Ends the call.</param>
    ValueTask<QuerySource> PinAsync(string project, CancellationToken cancellation);

    /// <summary>Archives what the logs hold of a project now; when it returns, the next pin's files have it.</summary>
    /// <param name="project">The tenant.</param>
    /// <param name="cancellation">Ends the wait; the work may go on.</param>
    ValueTask PackNowAsync(string project, CancellationToken cancellation);
}

namespace Rollbook.Query;

/// <summary>A worker of a list, as its episodes tell.</summary>
/// <param name="Worker">Its name.</param>
/// <param name="CurrentEpisodeId">The running episode that began last; null where none runs.</param>
/// <param name="LastEpisodeId">The episode that began last.</param>
/// <param name="Task">That episode's task.</param>
/// <param name="LastSeen">Unix seconds of the newest start, step or ending.</param>
/// <param name="Episodes">How many episodes it recorded.</param>
/// <param name="Steps">How many steps.</param>
/// <param name="ByStatus">Episodes by status, in the order of <see cref="EpisodeStatuses.Names"/>.</param>
internal sealed record ListedWorker(
    string Worker, string? CurrentEpisodeId, string LastEpisodeId, string Task, double LastSeen, long Episodes, long Steps, IReadOnlyList<long> ByStatus);

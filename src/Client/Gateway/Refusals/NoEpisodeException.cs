namespace Rollbook.Client;

/// <summary>There is no episode to record into: call <see cref="TrajectoryLogger.StartEpisodeAsync(string, string, CancellationToken)"/>.</summary>
public sealed class NoEpisodeException : RollbookException
{
    internal NoEpisodeException(string message)
        : base("no_episode", message, retry: false)
    {
    }
}

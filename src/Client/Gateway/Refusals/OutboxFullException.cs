namespace Rollbook.Client;

/// <summary>Too many bytes wait for the recorder; this step was <em>not</em> taken. Slow down, or keep it until <see cref="TrajectoryLogger.FlushAsync"/> returns.</summary>
public sealed class OutboxFullException : RollbookException
{
    internal OutboxFullException(string message)
        : base("outbox_full", message, retry: true)
    {
    }
}

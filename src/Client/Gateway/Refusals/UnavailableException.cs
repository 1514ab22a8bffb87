namespace Rollbook.Client;

/// <summary>
/// What was recorded is <em>not yet known durable</em>: no final answer came in time. Steps and an ending stay in the logger, in order; the next
/// call (or <see cref="TrajectoryLogger.FlushAsync"/>) sends them first, and the recorder takes each once however often it is sent.
/// So don't record the same step again: wait and go on. Of a read: nothing came of it; read again.
/// </summary>
public sealed class UnavailableException : RollbookException
{
    internal UnavailableException(string message, TimeSpan waited, Exception? cause)
        : base("unavailable", message, retry: true, cause) => Waited = waited;

    /// <summary>How long the recorder had given no answer.</summary>
    public TimeSpan Waited { get; }
}

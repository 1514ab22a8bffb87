namespace Rollbook.StepLog;

/// <summary>
/// Rebuildable objects beside a log: the index of each closed segment, and the tails that recovery found. All can be made again
/// from the log, but a log counts as recovered only once they are durable.
/// </summary>
public interface ILogIndexStore
{
    /// <summary>Writes a whole object, durable when it returns; replaces one of the same name.</summary>
    /// <param name="log">The log.</param>
    /// <param name="name">Letters, digits and dashes, such as <c>index-00000007</c> or <c>tails</c>.</param>
    /// <param name="bytes">The content; carries its own CRC.</param>
    /// <param name="cancellation">Cancels the wait only.</param>
    ValueTask PutAsync(LogId log, string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>Reads a whole object; null where there is none.</summary>
    ValueTask<byte[]?> GetAsync(LogId log, string name, CancellationToken cancellation);
}

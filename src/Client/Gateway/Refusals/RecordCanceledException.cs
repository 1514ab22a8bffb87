namespace Rollbook.Client;

/// <summary>A call was cancelled. <see cref="IsTaken"/> says whether what it brought stays in the logger.</summary>
public sealed class RecordCanceledException : OperationCanceledException
{
    internal RecordCanceledException(string message, bool isTaken, OperationCanceledException cause)
        : base(message, cause, cause.CancellationToken) => IsTaken = isTaken;

    /// <summary>
    /// False: it surely was not taken; it may be recorded again. True: it stays in the logger and is sent; the next call waits for its fate and reports it,
    /// since an acknowledgement covers everything before it. Don't record it again.
    /// </summary>
    public bool IsTaken { get; }
}

namespace Rollbook.Client;

/// <summary>Another live process records under this worker's name: give each its own, wait <see cref="RollbookException.RetryAfter"/>, or take over.</summary>
public sealed class WorkerBusyException : RefusedException
{
    internal WorkerBusyException(string code, string message, TimeSpan retryAfter)
        : base(code, message) => RetryAfter = retryAfter;
}

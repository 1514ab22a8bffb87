namespace Rollbook.StepLog;

/// <summary>The device has no room now. Nothing was written; a later try may succeed.</summary>
public sealed class StorageFullException(string message, Exception? inner = null) : IOException(message, inner);

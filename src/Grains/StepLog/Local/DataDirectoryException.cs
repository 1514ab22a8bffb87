namespace Rollbook.StepLog;

/// <summary>The data directory cannot be used. The message names the reason and the cure.</summary>
public sealed class DataDirectoryException(string message, Exception? inner = null) : IOException(message, inner);

namespace Rollbook.Query;

/// <summary>A listing or a statistic took longer than it may. The message names the cure.</summary>
internal sealed class QueryTimeoutException(string message) : Exception(message);

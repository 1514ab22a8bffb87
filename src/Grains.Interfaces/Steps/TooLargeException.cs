namespace Rollbook.Steps;

/// <summary>The request is over a limit, which the message names: <c>too_large</c>.</summary>
internal sealed class TooLargeException(string detail) : Exception(detail);

namespace Rollbook.Cli;

/// <summary>A file can't be imported; the message is the reason, and the cure where there is one.</summary>
internal sealed class ImportException(string message) : Exception(message);

namespace Rollbook.Cli;

/// <summary>A line of a spool file can't be sent; the message is the reason.</summary>
internal sealed class SpoolLineException(string message) : Exception(message);

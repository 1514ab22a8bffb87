namespace Rollbook.Silo.Hosting;

/// <summary>The process can't start as it was told; the message names the key and the cure.</summary>
internal sealed class BadOptionsException(string message) : Exception(message);

namespace Rollbook.Silo.Demo;

/// <summary>A program of the demo's language failed while it ran: a wrong type, a division by zero, out of fuel.</summary>
internal sealed class MiniException(string message) : Exception(message);

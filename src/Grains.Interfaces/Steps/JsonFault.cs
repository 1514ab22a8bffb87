namespace Rollbook.Steps;

/// <summary>A place in a JSON text that breaks a rule of ours rather than of JSON. Becomes a <see cref="BadJsonException"/> where the body is known.</summary>
internal sealed class JsonFault(long position, string message, string? missing = null) : Exception(message)
{
    /// <summary>The byte at which the token in question starts.</summary>
    public long Position { get; } = position;

    /// <summary>The name of a field that the object at the position lacks.</summary>
    public string? Missing { get; } = missing;
}

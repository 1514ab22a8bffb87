namespace Rollbook.Steps;

/// <summary>The body is refused as <c>bad_json</c>.</summary>
internal sealed class BadJsonException(string detail, string pointer, int? line = null) : Exception(detail)
{
    /// <summary>JSON pointer (RFC 6901) to the bad place.</summary>
    public string Pointer { get; } = pointer;

    /// <summary>1-based line of an NDJSON body; null for others.</summary>
    public int? Line { get; } = line;
}

using System.Text.Json;

namespace Rollbook.Steps;

/// <summary>The body is refused as <c>bad_json</c>.</summary>
internal sealed class BadJsonException(string detail, string pointer, int? line = null) : Exception(detail)
{
    /// <summary>JSON pointer (RFC 6901) to the bad place.</summary>
    public string Pointer { get; } = pointer;

    /// <summary>1-based line of an NDJSON body; null for others.</summary>
    public int? Line { get; } = line;

    /// <summary>The refusal of a text that breaks a rule of ours.</summary>
    public static BadJsonException Of(JsonFault fault, ReadOnlySpan<byte> json, int maxDepth, int? line)
    {
        var pointer = JsonPointers.Find(json, fault.Position, maxDepth);
        return new BadJsonException(fault.Message, fault.Missing is null ? pointer : $"{pointer}/{fault.Missing}", line);
    }

    /// <summary>The refusal of a text that is not JSON.</summary>
    public static BadJsonException Of(JsonException error, ReadOnlySpan<byte> json, int maxDepth, int? line)
    {
        // The reader's message ends with a line number of its own that an NDJSON line would make wrong.
        var cut = error.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        var detail = cut < 0 ? error.Message : error.Message[..cut];
        return new BadJsonException($"Not JSON: {detail}", JsonPointers.Find(json, long.MaxValue, maxDepth), line);
    }
}

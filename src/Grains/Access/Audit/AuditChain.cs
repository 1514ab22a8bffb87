using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Rollbook.Access;

/// <summary>
/// The lines of the audit log. Each is a JSON object that ends with the hash of all its bytes before that member, and holds the hash of the line before:
/// whoever changes, drops or inserts a line must write all later ones anew, and then the last hash is another one.
/// </summary>
/// <example>
/// <code>
/// {"seq":2,"at":"2026-01-05T10:00:00.000Z","who":"key:…","from":"10.0.0.7","what":"export","on":"/v1/export?…","prev":"{hash of line 1}","hash":"{SHA-256}"}
/// </code>
/// </example>
internal static class AuditChain
{
    /// <summary>What stands for the hash before the first line.</summary>
    public static readonly string Start = new('0', 64);

    private const int TailLength = 9 + 64 + 2;
    private const int MaxText = 400;

    /// <summary>Writes a line, without its line break.</summary>
    /// <returns>The line, and its hash.</returns>
    public static (byte[] Line, string Hash) Write(long sequence, DateTimeOffset at, in AuditEntry entry, string previous)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteNumber("seq"u8, sequence);
            writer.WriteString("at"u8, at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture));
            writer.WriteString("who"u8, Short(entry.Who));
            writer.WriteString("from"u8, Short(entry.From));
            writer.WriteString("what"u8, entry.What);
            writer.WriteString("on"u8, Short(entry.On));
            if (entry.Times > 1) writer.WriteNumber("times"u8, entry.Times);
            writer.WriteString("prev"u8, previous);
            writer.WriteEndObject();
        }

        // Without its last brace: the hash is the last member.
        var content = stream.GetBuffer().AsSpan(0, (int)stream.Length - 1);
        var hash = Convert.ToHexStringLower(SHA256.HashData(content));
        return ([.. content, .. Encoding.ASCII.GetBytes($",\"hash\":\"{hash}\"}}")], hash);
    }

    /// <summary>Reads a line's number and hash, if the line is whole and stands behind another.</summary>
    /// <param name="line">The line, without its line break.</param>
    /// <param name="sequence">The number that it must have.</param>
    /// <param name="previous">The hash of the line before.</param>
    /// <returns>Its hash; null where it is not the line that was written there.</returns>
    public static string? Check(ReadOnlySpan<byte> line, long sequence, string previous)
    {
        if (line.Length <= TailLength) return null;
        var content = line[..^TailLength];
        var tail = line[^TailLength..];
        var hash = Convert.ToHexStringLower(SHA256.HashData(content));
        if (!tail.SequenceEqual(Encoding.ASCII.GetBytes($",\"hash\":\"{hash}\"}}"))) return null;
        try
        {
            using var parsed = JsonDocument.Parse(line.ToArray());
            return parsed.RootElement.GetProperty("seq").GetInt64() == sequence && parsed.RootElement.GetProperty("prev").GetString() == previous ? hash : null;
        }
        catch (Exception malformed) when (malformed is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    // What a caller wrote into a path must not fill the disk.
    private static string Short(string text) => text.Length <= MaxText ? text : text[..MaxText];
}

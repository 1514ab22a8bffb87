using System.Text.Encodings.Web;
using System.Text.Json;

namespace Rollbook.Export;

/// <summary>
/// An episode that an export could not hold. They are told at the end, where all of them are known, in a place that no reader takes for an episode:
/// <code>
///   formats of lines   a last line            {"left_out": [{"episode_id": …, "code": "damaged", "detail": …}, …]}
///   zip archives       a file left-out.json   the same object
///   parquet            rollbook.left_out      the same object, in the key-value metadata
/// </code>
/// </summary>
/// <param name="EpisodeId">The episode.</param>
/// <param name="Code">Why, for a program.</param>
/// <param name="Detail">Why and what can be done, for a person.</param>
internal sealed record LeftOut(string EpisodeId, string Code, string Detail)
{
    /// <summary>The name of the object's member.</summary>
    public const string Member = "left_out";

    /// <summary>The file in an archive.</summary>
    public const string FileName = "left-out.json";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The object.</summary>
    public static byte[] Write(IEnumerable<LeftOut> episodes)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            json.WriteStartObject();
            json.WriteStartArray(Member);
            foreach (var episode in episodes)
            {
                json.WriteStartObject();
                json.WriteString("episode_id", episode.EpisodeId);
                json.WriteString("code", episode.Code);
                json.WriteString("detail", episode.Detail);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    /// <summary>Reads the object.</summary>
    /// <exception cref="JsonException">It is not one.</exception>
    public static IReadOnlyList<LeftOut> Read(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        if (document.RootElement is not { ValueKind: JsonValueKind.Object } root || !root.TryGetProperty(Member, out var episodes)) throw new JsonException($"It has no {Member}.");
        return [.. episodes.EnumerateArray().Select(static episode => new LeftOut(
            episode.GetProperty("episode_id").GetString()!, episode.GetProperty("code").GetString()!, episode.GetProperty("detail").GetString()!))];
    }
}

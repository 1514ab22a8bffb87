using System.Text.Json;

namespace Rollbook.Client;

/// <summary>What stands in a step in the place of a large value: <c>{"$blob": sha256, "bytes": n, "media_type": …}</c>. <see cref="RollbookClient.ReadLargeValueAsync"/> reads the value.</summary>
/// <param name="Sha256">The hash of its bytes, 64 lower-case hexadecimal digits.</param>
/// <param name="Bytes">How many it has, as the reference says; null where it doesn't.</param>
/// <param name="MediaType">Of what kind it is, as the reference says; null where it doesn't.</param>
public readonly record struct LargeValue(string Sha256, long? Bytes, string? MediaType)
{
    /// <summary>The reference that a JSON value is; null = it is none.</summary>
    public static LargeValue? Of(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty("$blob"u8, out var hash) || hash.ValueKind != JsonValueKind.String) return null;
        var sha256 = hash.GetString()!;
        if (!BlobReferences.IsHash(sha256)) return null;
        long? bytes = value.TryGetProperty("bytes"u8, out var length) && length.ValueKind == JsonValueKind.Number && length.TryGetInt64(out var number) ? number : null;
        var mediaType = value.TryGetProperty("media_type"u8, out var kind) && kind.ValueKind == JsonValueKind.String ? kind.GetString() : null;
        return new LargeValue(sha256, bytes, mediaType);
    }

    /// <summary>The reference that a text of a step is, such as <see cref="Step.ActionContent"/>; null = it is none.</summary>
    public static LargeValue? Of(string? text)
    {
        if (text is null || !text.StartsWith("{\"$blob\":", StringComparison.Ordinal)) return null;
        try
        {
            using var document = JsonDocument.Parse(text);
            return Of(document.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

using System.Text.Json;
using Rollbook.Access;

namespace Rollbook.Silo.Http;

/// <summary>Keys in answers. Times are Unix seconds.</summary>
internal static class KeyWriter
{
    /// <summary>A key.</summary>
    /// <param name="writer">The answer.</param>
    /// <param name="key">What is stored.</param>
    /// <param name="now">Unix milliseconds.</param>
    /// <param name="secret">The whole key, where it was made just now; null = it is not known any more.</param>
    public static void Write(Utf8JsonWriter writer, KeyRecord key, long now, string? secret = null)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, key.Id);
        if (secret is not null) writer.WriteString("key"u8, secret);
        writer.WriteString("prefix"u8, ApiKey.Prefix(key.Id));
        writer.WriteString("name"u8, key.Name);
        writer.WriteString("project"u8, key.Project);
        writer.WriteStartArray("scopes"u8);
        foreach (var scope in ScopeNames.Of(key.Scopes)) writer.WriteStringValue(scope);
        writer.WriteEndArray();
        writer.WriteString("state"u8, key.RevokedAt is not null ? "revoked" : key.IsValid(now) ? "valid" : "expired");
        Time(writer, "created_at", key.CreatedAt);
        writer.WriteString("created_by"u8, key.CreatedBy);
        Time(writer, "expires_at", key.ExpiresAt);
        Time(writer, "revoked_at", key.RevokedAt);
        Time(writer, "last_used_at", key.LastUsedAt);
        writer.WriteString("replaced_by"u8, key.ReplacedBy);
        Number(writer, "requests_per_second", key.RequestsPerSecond);
        Number(writer, "bytes_per_second", key.BytesPerSecond);
        writer.WriteEndObject();
    }

    private static void Time(Utf8JsonWriter writer, string name, long? at)
    {
        if (at is { } known) writer.WriteNumber(name, known / 1000.0);
        else writer.WriteNull(name);
    }

    private static void Number(Utf8JsonWriter writer, string name, long? value)
    {
        if (value is { } known) writer.WriteNumber(name, known);
        else writer.WriteNull(name);
    }
}

using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Rollbook.Episodes;

/// <summary>
/// A score event as the payload of a score frame: one JSON object, so that later releases add fields and older ones pass over them. What a tail
/// keeps of it stands first, so that applying a frame reads no rationale and no metadata.
/// </summary>
internal static class ScoreCodec
{
    /// <summary>The hash of what the caller sent, by which a repeat is told from another body.</summary>
    public static UInt128 HashOf(ScoreEvent score) => EventHash.Of(Encode(score, null, score.Time).Span);

    /// <summary>Writes an event.</summary>
    /// <param name="score">The event.</param>
    /// <param name="hash">See <see cref="HashOf"/>.</param>
    /// <param name="receivedAt">Unix seconds, where the caller gave no time.</param>
    public static ReadOnlyMemory<byte> Write(ScoreEvent score, UInt128 hash, double receivedAt) => Encode(score, hash, score.Time ?? receivedAt);

    /// <summary>Reads what a tail keeps.</summary>
    /// <exception cref="JsonException">The payload is not an event.</exception>
    public static ScoreHead ReadHead(ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload);
        string? id = null, hash = null, name = null;
        double? value = null;
        var valued = false;
        reader.Read();
        while (!(id is not null && hash is not null && name is not null && valued) && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("event_id"u8)) id = Text(ref reader);
            else if (reader.ValueTextEquals("hash"u8)) hash = Text(ref reader);
            else if (reader.ValueTextEquals("name"u8)) name = Text(ref reader);
            else if (reader.ValueTextEquals("value"u8)) (value, valued) = (Number(ref reader), true);
            else reader.Skip();
        }

        if (id is null || hash is null || name is null) throw new JsonException("A score event without its id, hash or name.");
        return new ScoreHead(EventHash.Of(id), FrameJson.Hash(hash), name == ScoreEvent.Final, value);
    }

    /// <summary>Reads an event.</summary>
    /// <exception cref="JsonException">The payload is not an event.</exception>
    public static ScoreEvent Read(ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload);
        using var document = JsonDocument.ParseValue(ref reader);
        var json = document.RootElement;
        return new ScoreEvent
        {
            EventId = FrameJson.Text(json, "event_id"u8) ?? "",
            Name = FrameJson.Text(json, "name"u8) ?? "",
            Value = FrameJson.Number(json, "value"u8),
            Time = FrameJson.Number(json, "time"u8),
            Source = FrameJson.Text(json, "source"u8) ?? "",
            Rationale = FrameJson.Text(json, "rationale"u8),
            Metadata = FrameJson.Text(json, "metadata"u8),
        };
    }

    private static ReadOnlyMemory<byte> Encode(ScoreEvent score, UInt128? hash, double? time)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(bytes, FrameJson.Raw);
        json.WriteStartObject();
        json.WriteString("event_id"u8, score.EventId);
        if (hash is { } known) FrameJson.WriteHash(json, "hash"u8, known);
        json.WriteString("name"u8, score.Name);
        FrameJson.WriteNumberOrNull(json, "value"u8, score.Value);
        FrameJson.WriteNumber(json, "time"u8, time);
        json.WriteString("source"u8, score.Source);
        FrameJson.WriteText(json, "rationale"u8, score.Rationale);
        FrameJson.WriteText(json, "metadata"u8, score.Metadata);
        json.WriteEndObject();
        json.Flush();
        return bytes.WrittenMemory;
    }

    private static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.GetString();
    }

    private static double? Number(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType switch
        {
            JsonTokenType.Null => null,
            JsonTokenType.Number => reader.GetDouble(),
            _ => double.Parse(reader.GetString()!, CultureInfo.InvariantCulture),
        };
    }
}

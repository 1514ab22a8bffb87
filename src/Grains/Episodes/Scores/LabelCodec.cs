using System.Buffers;
using System.Text.Json;

namespace Rollbook.Episodes;

/// <summary>A label event as the payload of a label frame: one JSON object, its labels in the order of their code units.</summary>
internal static class LabelCodec
{
    /// <summary>The hash of what the caller sent: the order of the labels doesn't matter.</summary>
    public static UInt128 HashOf(LabelEvent labels) => EventHash.Of(Encode(labels, null, null).Span);

    /// <summary>Writes an event.</summary>
    /// <param name="labels">The event.</param>
    /// <param name="hash">See <see cref="HashOf"/>.</param>
    /// <param name="receivedAt">Unix seconds.</param>
    public static ReadOnlyMemory<byte> Write(LabelEvent labels, UInt128 hash, double receivedAt) => Encode(labels, hash, receivedAt);

    /// <summary>Reads an event.</summary>
    /// <exception cref="JsonException">The payload is not an event.</exception>
    public static LabelHead Read(ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload);
        using var document = JsonDocument.ParseValue(ref reader);
        var json = document.RootElement;
        var id = FrameJson.Text(json, "event_id"u8) ?? throw new JsonException("A label event without its id.");
        return new LabelHead(EventHash.Of(id), FrameJson.Hash(json, "hash"u8), FrameJson.Texts(json, "add"u8), FrameJson.Texts(json, "remove"u8));
    }

    private static ReadOnlyMemory<byte> Encode(LabelEvent labels, UInt128? hash, double? receivedAt)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(bytes, FrameJson.Raw);
        json.WriteStartObject();
        json.WriteString("event_id"u8, labels.EventId);
        if (hash is { } known) FrameJson.WriteHash(json, "hash"u8, known);
        FrameJson.WriteTexts(json, "add"u8, labels.Add.Distinct().Order(StringComparer.Ordinal));
        FrameJson.WriteTexts(json, "remove"u8, labels.Remove.Distinct().Order(StringComparer.Ordinal));
        FrameJson.WriteNumber(json, "received_at"u8, receivedAt);
        json.WriteEndObject();
        json.Flush();
        return bytes.WrittenMemory;
    }
}

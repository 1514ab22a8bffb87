using System.Buffers.Binary;
using System.Text.Json;

namespace Rollbook.Episodes;

/// <summary>
/// The events of a tail as fields of its JSON, none of them where there are no events: the hashes of each event's id and body (16-byte big-endian values) as base 64, oldest
/// first, the verdict (null: not scored) where one was given, and the labels.
/// </summary>
internal static class EventSetCodec
{
    private const int EventSize = 32;

    public static void Write(Utf8JsonWriter json, EventSet events)
    {
        var bytes = new byte[events.Count * EventSize];
        var at = 0;
        foreach (var (id, hash) in events.Hashes)
        {
            BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(at), id);
            BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(at + 16), hash);
            at += EventSize;
        }

        json.WriteBase64String("events"u8, bytes);
        json.WriteNumber("score_count"u8, events.ScoreCount);
        json.WriteNumber("scores_from"u8, events.ScoresFrom);
        if (events.Judged) FrameJson.WriteNumberOrNull(json, "verdict"u8, events.Verdict);
        if (events.Labels.Count > 0) FrameJson.WriteTexts(json, "labels"u8, events.Labels);
    }

    public static EventSet? Read(JsonElement json)
    {
        if (!json.TryGetProperty("events"u8, out var encoded)) return null;
        var bytes = encoded.GetBytesFromBase64();
        var hashes = new Dictionary<UInt128, UInt128>(bytes.Length / EventSize);
        for (var at = 0; at < bytes.Length; at += EventSize)
            hashes[BinaryPrimitives.ReadUInt128BigEndian(bytes.AsSpan(at))] = BinaryPrimitives.ReadUInt128BigEndian(bytes.AsSpan(at + 16));
        var judged = json.TryGetProperty("verdict"u8, out var verdict);
        return new EventSet(
            hashes,
            (int)(FrameJson.Integer(json, "score_count"u8) ?? 0),
            FrameJson.Integer(json, "scores_from"u8) ?? 0,
            judged,
            judged ? FrameJson.Number(verdict) : null,
            FrameJson.Texts(json, "labels"u8));
    }
}

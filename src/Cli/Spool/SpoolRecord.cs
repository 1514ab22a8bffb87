using System.Buffers;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;

namespace Rollbook.Cli;

/// <summary>One request that a client wrote down while the recorder was away. The line format is that of docs/spool-format.md.</summary>
internal sealed record SpoolRecord
{
    private const int CrcLength = 8;

    /// <summary><c>start</c>, <c>steps</c>, <c>end</c>, <c>score</c>, <c>label</c> or <c>blob</c>.</summary>
    public required string Do { get; init; }

    /// <summary>The episode; null for a start.</summary>
    public string? EpisodeId { get; init; }

    /// <summary>The worker of a start.</summary>
    public string? Worker { get; init; }

    /// <summary>The idempotency key of a start, the hash of a blob.</summary>
    public string? Key { get; init; }

    /// <summary>The ordinal of the first step.</summary>
    public long From { get; init; }

    /// <summary>The epoch that the writer of steps or of an end had; null = unfenced.</summary>
    public long? WriterEpoch { get; init; }

    /// <summary>The steps, as they stand, each with a line end.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Steps { get; init; } = [];

    /// <summary>The body of every other request, as it stands; of a blob its text.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The record's JSON text.</summary>
    public required ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>Each step of it as a record of its own.</summary>
    public IEnumerable<SpoolRecord> Singles()
    {
        for (var i = 0; i < Steps.Count; i++)
        {
            var json = new ArrayBufferWriter<byte>();
            using (var whole = new RawObject(Json))
                whole.WriteAllBut(json, "from", "steps");
            json.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $",\"from\":{From + i},\"steps\":[")));
            json.Write(Steps[i].Span[..^1]);
            json.Write("]}"u8);
            yield return this with { From = From + i, Steps = [Steps[i]], Json = json.WrittenMemory };
        }
    }

    /// <summary>Reads a line.</summary>
    /// <exception cref="SpoolLineException">It is damaged, or no record that this program knows.</exception>
    public static SpoolRecord Read(ReadOnlyMemory<byte> line)
    {
        if (!HasChecksum(line.Span))
            throw new SpoolLineException("it doesn't begin with a checksum");
        if (TryUnframe(line) is not { } json)
            throw new SpoolLineException("its checksum is not that of its text");

        try
        {
            using var record = new RawObject(json);
            return Read(record, json);
        }
        catch (JsonException e)
        {
            throw new SpoolLineException($"it is not JSON: {e.Message}");
        }
    }

    /// <summary>The JSON text of a line; null where it is damaged.</summary>
    public static ReadOnlyMemory<byte>? TryUnframe(ReadOnlyMemory<byte> line)
    {
        if (!HasChecksum(line.Span))
            return null;
        var json = line[(CrcLength + 1)..];
        var written = uint.Parse(Encoding.ASCII.GetString(line.Span[..CrcLength]), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return Crc32.HashToUInt32(json.Span) == written ? json : null;
    }

    /// <summary>A line, its end included.</summary>
    public static byte[] Line(ReadOnlySpan<byte> json) =>
        [.. Encoding.ASCII.GetBytes(Crc32.HashToUInt32(json).ToString("x8", CultureInfo.InvariantCulture)), (byte)' ', .. json, (byte)'\n'];

    private static bool HasChecksum(ReadOnlySpan<byte> line) =>
        line.Length > CrcLength + 1 && line[CrcLength] == ' ' && !line[..CrcLength].ContainsAnyExcept("0123456789abcdef"u8);

    private static SpoolRecord Read(RawObject record, ReadOnlyMemory<byte> json)
    {
        var kind = record.Text("do");
        return kind switch
        {
            "start" => new SpoolRecord { Do = kind, Json = json, Worker = Text(record, "worker"), Key = Text(record, "key"), Body = BodyOf(record) },
            "steps" => new SpoolRecord
            {
                Do = kind, Json = json, EpisodeId = Text(record, "episode_id"), WriterEpoch = EpochOf(record["writer_epoch"]), From = FromOf(record), Steps = StepsOf(record),
            },
            "end" => new SpoolRecord
            {
                Do = kind, Json = json, EpisodeId = Text(record, "episode_id"), Body = BodyOf(record), WriterEpoch = EpochOf(Member(record["body"], "writer_epoch")),
            },
            "score" or "label" => new SpoolRecord { Do = kind, Json = json, EpisodeId = Text(record, "episode_id"), Body = BodyOf(record) },
            "blob" => new SpoolRecord { Do = kind, Json = json, Key = Text(record, "sha256"), Body = Encoding.UTF8.GetBytes(Text(record, "text")) },
            _ => throw new SpoolLineException($"it says 'do': '{kind}', which this version doesn't know. A newer rollbook may"),
        };
    }

    private static string Text(RawObject record, string name) =>
        record.Text(name) is { Length: > 0 } text ? text : throw new SpoolLineException($"it has no '{name}'");

    private static long FromOf(RawObject record) => record["from"] is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var from) && from >= 0
        ? from
        : throw new SpoolLineException("it has no 'from'");

    // A bad one must not make a fenced record an unfenced one.
    private static long? EpochOf(JsonElement? value) => value switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var epoch) => epoch,
        _ => throw new SpoolLineException("its 'writer_epoch' is no integer"),
    };

    private static JsonElement? Member(JsonElement? value, string name) =>
        value is { ValueKind: JsonValueKind.Object } body && body.TryGetProperty(name, out var member) ? member : null;

    private static byte[] BodyOf(RawObject record)
    {
        if (record["body"] is not { ValueKind: JsonValueKind.Object } body)
            throw new SpoolLineException("it has no 'body'");
        var json = new ArrayBufferWriter<byte>();
        RawJson.Write(json, body);
        return json.WrittenSpan.ToArray();
    }

    private static List<ReadOnlyMemory<byte>> StepsOf(RawObject record)
    {
        if (record["steps"] is not { ValueKind: JsonValueKind.Array } items)
            throw new SpoolLineException("it has no 'steps'");
        var steps = new List<ReadOnlyMemory<byte>>();
        foreach (var item in items.EnumerateArray())
        {
            var step = new ArrayBufferWriter<byte>();
            RawJson.Write(step, item);
            step.Write("\n"u8);
            steps.Add(step.WrittenMemory);
        }

        return steps;
    }
}

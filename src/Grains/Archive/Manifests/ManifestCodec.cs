using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>
/// A manifest as JSON, so that a person and a script can read which files count:
/// <code>
///   {"format":1, "version":7, "packed_to":{"LOG":4711}, "packs":[{"log":"LOG","from":0,"to":4711,"at":1790000000000,
///     "day":"2026-11-25" or absent, "steps":{"name":"…","bytes":1,"rows":1,"sha256":"…"}, "episodes":…, "scores":…, "frames":…}],
///   "compacting":"ID" or absent, "staged":{"inputs":[["LOG",0,4711]], "sealed":[a pack], "rest":[a pack]} or absent, "dropped":[{"name":"…","at":1790000000000}],
///   "deletions":[{"receipt":"ID","at":1790000000000,"steps":1,"bytes":1,"moved":true,"episodes":["ID"],"awaits":["name"] or absent}] or absent,
///   "crc32c":"8 digits"}
/// </code>
/// The CRC, always last, is of all bytes before its own comma: a digit that flipped on the disk is still a digit, and would name another chunk or file.
/// </summary>
internal static class ManifestCodec
{
    private const int Format = 1;
    // ,"crc32c":"01234567"}
    private const int ProofSize = 21;

    public static ReadOnlyMemory<byte> Write(Manifest manifest)
    {
        var bytes = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(bytes);
        json.WriteStartObject();
        json.WriteNumber("format"u8, Format);
        json.WriteNumber("version"u8, manifest.Version);
        json.WriteStartObject("packed_to"u8);
        foreach (var (log, to) in manifest.PackedTo) json.WriteNumber(log.ToString(), to);
        json.WriteEndObject();
        json.WriteStartArray("packs"u8);
        foreach (var pack in manifest.Packs) Write(json, pack);
        json.WriteEndArray();
        if (manifest.Compacting is { } compacting) json.WriteString("compacting"u8, compacting.ToString());
        if (manifest.Staged is { } staged) Write(json, staged);
        json.WriteStartArray("dropped"u8);
        foreach (var file in manifest.Dropped)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, file.Name);
            json.WriteNumber("at"u8, file.At);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (!manifest.Deletions.IsEmpty)
        {
            json.WriteStartArray("deletions"u8);
            foreach (var deletion in manifest.Deletions) Write(json, deletion);
            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.Flush();
        return Prove(bytes.WrittenSpan[..^1]);
    }

    /// <summary>A pack alone, as a manifest that lists nothing else.</summary>
    public static ReadOnlyMemory<byte> WritePack(Pack pack) => Write(Manifest.Empty with { Packs = [pack] });

    /// <summary>Reads what <see cref="WritePack"/> wrote.</summary>
    /// <exception cref="JsonException">The bytes are damaged.</exception>
    public static Pack ReadPack(ReadOnlyMemory<byte> bytes) => Read(bytes, "").Packs.Single();

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="PackVersionException">A newer release wrote it.</exception>
    /// <exception cref="JsonException">The bytes are damaged.</exception>
    public static Manifest Read(ReadOnlyMemory<byte> bytes, string etag)
    {
        using var document = JsonDocument.Parse(bytes);
        var json = document.RootElement;
        if (json.GetProperty("format"u8).GetInt32() is var format && format != Format) throw new PackVersionException("manifest.json", format.ToString(CultureInfo.InvariantCulture));
        if (bytes.Length < ProofSize || !bytes.Span.SequenceEqual(Prove(bytes.Span[..^ProofSize]))) throw new JsonException("It does not match its own CRC.");
        return new Manifest
        {
            Version = json.GetProperty("version"u8).GetInt64(),
            PackedTo = json.GetProperty("packed_to"u8).EnumerateObject().ToImmutableSortedDictionary(static p => LogId.Parse(p.Name), static p => p.Value.GetInt64()),
            Packs = ReadPacks(json, "packs"),
            Compacting = json.TryGetProperty("compacting"u8, out var compacting) ? LogId.Parse(compacting.GetString()!) : null,
            Staged = json.TryGetProperty("staged"u8, out var staged) ? ReadStaged(staged) : null,
            Dropped = [.. json.GetProperty("dropped"u8).EnumerateArray().Select(static f => new DroppedFile(f.GetProperty("name"u8).GetString()!, f.GetProperty("at"u8).GetInt64()))],
            Deletions = json.TryGetProperty("deletions"u8, out var deletions) ? [.. deletions.EnumerateArray().Select(ReadDeletion)] : [],
            ETag = etag,
        };
    }

    private static byte[] Prove(ReadOnlySpan<byte> open) =>
        [.. open, .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $",\"crc32c\":\"{Crc32C.Append(0, open):x8}\"}}"))];

    private static void Write(Utf8JsonWriter json, Compaction staged)
    {
        json.WriteStartObject("staged"u8);
        json.WriteStartArray("inputs"u8);
        foreach (var input in staged.Inputs)
        {
            json.WriteStartArray();
            json.WriteStringValue(input.Log.ToString());
            json.WriteNumberValue(input.From);
            json.WriteNumberValue(input.To);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteStartArray("sealed"u8);
        foreach (var pack in staged.Sealed) Write(json, pack);
        json.WriteEndArray();
        json.WriteStartArray("rest"u8);
        foreach (var pack in staged.Rest) Write(json, pack);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Pack pack)
    {
        json.WriteStartObject();
        json.WriteString("log"u8, pack.Log.ToString());
        json.WriteNumber("from"u8, pack.From);
        json.WriteNumber("to"u8, pack.To);
        json.WriteNumber("at"u8, pack.At);
        if (pack.Day is { } day) json.WriteString("day"u8, day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        Write(json, "steps", pack.Steps);
        Write(json, "episodes", pack.Episodes);
        Write(json, "scores", pack.Scores);
        Write(json, "frames", pack.Frames);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, ManifestFile? file)
    {
        if (file is null) return;
        json.WriteStartObject(name);
        json.WriteString("name"u8, file.Name);
        json.WriteNumber("bytes"u8, file.Bytes);
        json.WriteNumber("rows"u8, file.Rows);
        json.WriteString("sha256"u8, file.Sha256);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Deletion deletion)
    {
        json.WriteStartObject();
        json.WriteString("receipt"u8, deletion.Receipt.ToString());
        json.WriteNumber("at"u8, deletion.At);
        json.WriteNumber("steps"u8, deletion.Steps);
        json.WriteNumber("bytes"u8, deletion.Bytes);
        json.WriteBoolean("moved"u8, deletion.Moved);
        json.WriteStartArray("episodes"u8);
        foreach (var id in deletion.Episodes) json.WriteStringValue(id.ToString());
        json.WriteEndArray();
        if (deletion.Awaits is not null)
        {
            json.WriteStartArray("awaits"u8);
            foreach (var name in deletion.Awaits) json.WriteStringValue(name);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static Deletion ReadDeletion(JsonElement json) => new()
    {
        Receipt = LogId.Parse(json.GetProperty("receipt"u8).GetString()!),
        At = json.GetProperty("at"u8).GetInt64(),
        Steps = json.GetProperty("steps"u8).GetInt64(),
        Bytes = json.GetProperty("bytes"u8).GetInt64(),
        Moved = json.GetProperty("moved"u8).GetBoolean(),
        Episodes = [.. json.GetProperty("episodes"u8).EnumerateArray().Select(static id => EpisodeId.Parse(id.GetString()!))],
        Awaits = json.TryGetProperty("awaits"u8, out var awaits) ? [.. awaits.EnumerateArray().Select(static name => name.GetString()!)] : null,
    };

    private static Compaction ReadStaged(JsonElement json) => new(
        [.. json.GetProperty("inputs"u8).EnumerateArray().Select(static i => new PackRange(LogId.Parse(i[0].GetString()!), i[1].GetInt64(), i[2].GetInt64()))],
        ReadPacks(json, "sealed"),
        ReadPacks(json, "rest"));

    private static ImmutableList<Pack> ReadPacks(JsonElement json, string name) => [.. json.GetProperty(name).EnumerateArray().Select(ReadPack)];

    private static Pack ReadPack(JsonElement json) => new()
    {
        Log = LogId.Parse(json.GetProperty("log"u8).GetString()!),
        From = json.GetProperty("from"u8).GetInt64(),
        To = json.GetProperty("to"u8).GetInt64(),
        At = json.GetProperty("at"u8).GetInt64(),
        Day = json.TryGetProperty("day"u8, out var day) ? DateOnly.ParseExact(day.GetString()!, "yyyy-MM-dd", CultureInfo.InvariantCulture) : null,
        Steps = ReadFile(json, "steps"),
        Episodes = ReadFile(json, "episodes"),
        Scores = ReadFile(json, "scores"),
        Frames = ReadFile(json, "frames"),
    };

    private static ManifestFile? ReadFile(JsonElement pack, string name) => pack.TryGetProperty(name, out var json)
        ? new ManifestFile(
            json.GetProperty("name"u8).GetString()!, json.GetProperty("bytes"u8).GetInt64(), json.GetProperty("rows"u8).GetInt64(),
            json.GetProperty("sha256"u8).GetString()!)
        : null;
}

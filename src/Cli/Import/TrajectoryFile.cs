using System.Buffers;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary>Reads a SWE-agent <c>.traj</c> file (format: <c>sweagent/types.py</c> and <c>agents.py</c> of SWE-agent).</summary>
/// <remarks>
/// <c>info.exit_status</c> → the end cause; <c>info</c>, <c>replay_config</c> and <c>environment</c> → the metadata, byte for byte. The messages of
/// <c>history</c> and the other tries of <c>attempts</c> are not steps and stay in the file, which the metadata names by its hash.
/// </remarks>
internal static class TrajectoryFile
{
    /// <summary>A step's limit at the recorder, in bytes.</summary>
    private const int StepLimit = 16 << 20;

    // The recorder's limit of depth; a step nests its values one or two deeper than the file.
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 256 };

    /// <summary>Maps a whole file, or throws <see cref="ImportException"/> before anything was sent.</summary>
    public static ImportedEpisode Read(string path, ReadOnlyMemory<byte> bytes, string? variant = null)
    {
        if (bytes.Span.StartsWith("PK\u0003\u0004"u8))
            throw new ImportException("it is a zip archive. Unpack it, and import the directory.");
        var json = bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        if (!Utf8.IsValid(json.Span))
            throw new ImportException("it is not UTF-8. Convert it, or write it again.");

        try
        {
            using var document = JsonDocument.Parse(json, Options);
            return Map(path, bytes, document.RootElement, variant);
        }
        catch (JsonException e)
        {
            throw new ImportException($"it is not JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}): it may be cut short, or have a bare NaN or Infinity.");
        }
    }

    private static ImportedEpisode Map(string path, ReadOnlyMemory<byte> bytes, JsonElement root, string? variant)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new ImportException("its JSON is not an object with a \"trajectory\".");
        if (!root.TryGetProperty("trajectory", out var trajectory))
        {
            throw new ImportException(
                root.TryGetProperty("history", out _) ? "it has no \"trajectory\", only the messages of a \"history\": there are no steps to record."
                : root.TryGetProperty("episode_id", out _) ? "it is an export in the format reference, which has not all of an episode. Export it again with --format jsonl or atif."
                : "it has no \"trajectory\": it is no SWE-agent trajectory.");
        }

        if (trajectory.ValueKind != JsonValueKind.Array)
            throw new ImportException("its \"trajectory\" is not an array.");

        var steps = new List<ReadOnlyMemory<byte>>(trajectory.GetArrayLength());
        foreach (var item in trajectory.EnumerateArray())
        {
            var line = StepMapper.Map(item, steps.Count);
            if (line.Length > StepLimit)
                throw new ImportException($"trajectory[{steps.Count}] has {line.Length:N0} bytes; a step has at most {StepLimit:N0}.");
            steps.Add(line);
        }

        var hash = SHA256.HashData(bytes.Span);
        var task = TrajectoryNames.Task(path, NamedInstance(root));
        return new ImportedEpisode(
            TrajectoryNames.Worker(path),
            new EpisodeStart
            {
                Task = task,
                VariantId = variant ?? TrajectoryNames.Variant(path),
                GroupId = task,
                Environment = TrajectoryNames.Printable(Text(root, "environment")),
                Metadata = Metadata(path, hash, root),
            },
            steps,
            EndCause(root),
            hash);
    }

    /// <summary>The instance, where the file itself names one.</summary>
    private static string? NamedInstance(JsonElement root) =>
        Text(root, "instance_id")
        ?? (root.TryGetProperty("environment", out var environment) ? Text(environment, "instance_id") : null);

    private static string? EndCause(JsonElement root) =>
        root.TryGetProperty("info", out var info) ? TrajectoryNames.Printable(Text(info, "exit_status")) : null;

    private static string? Text(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var field) && field.ValueKind == JsonValueKind.String
            ? JsonText.Read(field)
            : null;

    private static byte[] Metadata(string path, byte[] hash, JsonElement root)
    {
        var metadata = new ArrayBufferWriter<byte>();
        metadata.Write("{\"source\":"u8);
        using (var writer = new Utf8JsonWriter(metadata, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("format", "swe-agent");
            writer.WriteString("file", Path.GetFileName(path));
            writer.WriteString("sha256", Convert.ToHexStringLower(hash));
            writer.WriteEndObject();
        }

        foreach (var name in new[] { "environment", "info", "replay_config" })
        {
            if (!root.TryGetProperty(name, out var value))
                continue;
            metadata.Write(",\""u8);
            metadata.Write(System.Text.Encoding.ASCII.GetBytes(name));
            metadata.Write("\":"u8);
            RawJson.Write(metadata, value);
        }

        metadata.Write("}"u8);
        return metadata.WrittenSpan.ToArray();
    }
}

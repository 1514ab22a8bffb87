using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Rollbook.Export;

namespace Rollbook.Cli;

/// <summary>Reads what <c>rollbook export --format jsonl</c> writes: for each episode a line with the record, then a line per step. A step is in memory at a time.</summary>
internal static class ExportedFile
{
    // Nobody's record is longer; a trajectory on one line may be.
    private const int SniffBytes = 64 * 1024;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 512 };
    // No line of an episode begins so: see LeftOut.
    private static readonly byte[] Note = [.. "{\"left_out\":"u8];
    private static readonly string[] Added = ["ordinal", "received_at", "hash", "defaulted"];

    /// <summary>True where the file begins like an exported episode, or is only the note of those that could not be.</summary>
    public static async Task<bool> IsOneAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = OpenedFile.Open(path);
        var head = new byte[SniffBytes];
        var length = await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        return head.AsSpan(0, length).StartsWith(Note) || IsRecord(head.AsSpan(0, length));
    }

    /// <summary>Proves the whole file, so that nothing of one that is cut short is sent.</summary>
    /// <returns>Its episodes; none where it has only the note of those that could not be exported.</returns>
    /// <exception cref="ImportException">It is not whole exported episodes one behind another.</exception>
    public static async Task<IReadOnlyList<ExportedEpisode>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = OpenedFile.Open(path);
        var episodes = new List<ExportedEpisode>();
        long steps = 0;
        var hasNote = false;
        await foreach (var line in FileLines.ReadAsync(stream, cancellationToken))
        {
            var isWhole = episodes.Count == 0 || steps == episodes[^1].StepCount;
            if (line.IsBlank && isWhole && (hasNote || episodes.Count > 0))
                continue;
            if (!Utf8.IsValid(line.Bytes.Span))
                throw new ImportException($"line {line.Number} is not UTF-8.");
            try
            {
                using var json = new RawObject(line.Bytes);
                // What the export could not hold is nothing to import.
                if (isWhole && json.Has(LeftOut.Member))
                {
                    hasNote = true;
                    continue;
                }

                if (isWhole && !json.Has("ordinal"))
                {
                    var first = line.Offset + line.Bytes.Length + 1;
                    var episode = ExportedRecord.Read(json);
                    episodes.Add(episode with { Steps = cancellation => ReadStepsAsync(path, first, episode.StepCount, cancellation) });
                    steps = 0;
                    continue;
                }

                if (isWhole)
                    throw new ImportException($"line {line.Number} is a step beyond the {steps} that its record counts.");
                if (json.Number("ordinal") != steps++)
                    throw new ImportException($"line {line.Number} is step {json.Text("ordinal") ?? "without an ordinal"} where step {steps - 1} belongs.");
                StepHash.Check(json.Text("hash"), Step(json).Span[..^1], $"line {line.Number}");
            }
            catch (JsonException e)
            {
                throw new ImportException($"line {line.Number} is no JSON object (byte {e.BytePositionInLine + 1}): the file may be cut short. Export it again.");
            }
        }

        if (episodes.Count == 0)
            return hasNote ? episodes : throw new ImportException("it is empty.");
        return steps == episodes[^1].StepCount
            ? episodes
            : throw new ImportException($"it has {steps} of the {episodes[^1].StepCount} steps that its record counts: it is cut short. Export it again.");
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadStepsAsync(
        string path, long offset, long count, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (count == 0)
            yield break;
        await using var stream = OpenedFile.Open(path);
        stream.Position = offset;
        await foreach (var line in FileLines.ReadAsync(stream, cancellationToken))
        {
            using (var json = new RawObject(line.Bytes))
                yield return Step(json);
            if (--count == 0)
                break;
        }
    }

    /// <summary>A step as it is sent, with a line end: without what the recorder itself adds to it, and without the defaults that it filled in.</summary>
    private static ReadOnlyMemory<byte> Step(RawObject line)
    {
        string[] defaulted = line["defaulted"] is { ValueKind: JsonValueKind.Array } names ? [.. names.EnumerateArray().Select(JsonText.Read)] : [];
        var step = new ArrayBufferWriter<byte>();
        line.WriteAllBut(step, [.. Added, .. defaulted]);
        step.Write("}\n"u8);
        return step.WrittenMemory;
    }

    private static bool IsRecord(ReadOnlySpan<byte> head)
    {
        var wanted = new HashSet<string> { "episode_id", "worker", "task", "variant_id" };
        try
        {
            // Members of the outermost object until all four were seen, or the bytes end.
            var reader = new Utf8JsonReader(head, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = Options.MaxDepth }));
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (wanted.Count > 0 && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                wanted.Remove(Encoding.UTF8.GetString(reader.ValueSpan));
                if (!reader.Read() || !reader.TrySkip())
                    return false;
            }
        }
        catch (JsonException)
        {
            return false;
        }

        return wanted.Count == 0;
    }
}

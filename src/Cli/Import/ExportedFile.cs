using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Rollbook.Cli;

/// <summary>Reads what <c>rollbook export --format jsonl</c> writes: a line with the record, then a line per step. A step is in memory at a time.</summary>
internal static class ExportedFile
{
    // Nobody's record is longer; a trajectory on one line may be.
    private const int SniffBytes = 64 * 1024;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 512 };

    /// <summary>True where the file begins like an exported episode.</summary>
    public static async Task<bool> IsOneAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = Open(path);
        var head = new byte[SniffBytes];
        var length = await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        return IsRecord(head.AsSpan(0, length));
    }

    /// <summary>Proves the whole file, so that nothing of one that is cut short is sent.</summary>
    /// <exception cref="ImportException">It is no whole exported episode.</exception>
    public static async Task<ExportedEpisode> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = Open(path);
        ExportedEpisode? episode = null;
        long steps = 0;
        await foreach (var line in FileLines.ReadAsync(stream, cancellationToken))
        {
            if (line.IsBlank && episode is not null)
                continue;
            if (!Utf8.IsValid(line.Bytes.Span))
                throw new ImportException($"line {line.Number} is not UTF-8.");
            try
            {
                using var json = new RawObject(line.Bytes);
                if (episode is null)
                    episode = ExportedRecord.Read(json);
                else if (json.Number("ordinal") != steps++)
                    throw new ImportException($"line {line.Number} is step {json.Text("ordinal") ?? "without an ordinal"} where step {steps - 1} belongs.");
            }
            catch (JsonException e)
            {
                throw new ImportException($"line {line.Number} is no JSON object (byte {e.BytePositionInLine + 1}): the file may be cut short. Export it again.");
            }
        }

        if (episode is null)
            throw new ImportException("it is empty.");
        return steps == episode.StepCount
            ? episode
            : throw new ImportException($"it has {steps} of the {episode.StepCount} steps that its record counts: it is cut short. Export it again.");
    }

    /// <summary>The steps as they are sent: without what the recorder itself adds to them, each with its line end.</summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadStepsAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var stream = Open(path);
        var record = true;
        await foreach (var line in FileLines.ReadAsync(stream, cancellationToken))
        {
            if (!line.IsBlank && !record)
                yield return Step(line.Bytes);
            record = false;
        }
    }

    /// <summary>A served step as it is sent: without its place and time of receipt, with a line end.</summary>
    public static ReadOnlyMemory<byte> Step(ReadOnlyMemory<byte> line)
    {
        var step = new ArrayBufferWriter<byte>(line.Length + 1);
        using (var json = new RawObject(line))
            json.WriteAllBut(step, "ordinal", "received_at");
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

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImportException(e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file." : e.Message);
        }
    }
}

using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Unicode;
using Rollbook.Export;

namespace Rollbook.Cli;

/// <summary>Reads the ATIF documents that <c>rollbook export --format atif</c> writes: one a file, or one a line.</summary>
internal static class AtifFile
{
    private const int SniffBytes = 64 * 1024;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = 512 };

    /// <summary>True where the file begins like an ATIF document, whoever wrote it.</summary>
    public static async Task<bool> IsOneAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = OpenedFile.Open(path);
        var head = new byte[SniffBytes];
        var length = await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        return IsAtif(head.AsSpan(0, length));
    }

    /// <summary>Proves the whole file, so that nothing of one that is cut short or was changed is sent.</summary>
    /// <returns>Its episodes, at least one.</returns>
    /// <exception cref="ImportException">It is not whole documents that were exported.</exception>
    public static async Task<IReadOnlyList<ExportedEpisode>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = OpenedFile.Open(path);
        var episodes = new List<ExportedEpisode>();
        var line = new ArrayBufferWriter<byte>();
        ExportedEpisode? episode = null;
        long steps = 0, begin = 0;
        var isNote = false;
        try
        {
            await foreach (var piece in AtifPieces.ReadAsync(stream, cancellationToken))
            {
                switch (piece.Kind)
                {
                    case AtifPieceKind.Begin:
                        (episode, steps, begin, isNote) = (null, 0, piece.Offset, false);
                        break;
                    case AtifPieceKind.Member when piece.Name == "extra":
                        episode = Record(piece.Json);
                        break;
                    // What the export could not hold is nothing to import.
                    case AtifPieceKind.Member when piece.Name == LeftOut.Member && episodes.Count > 0:
                        isNote = true;
                        break;
                    case AtifPieceKind.Step when AtifStep.IsRecorded(piece.Json.Span):
                        Prove(piece.Json, steps++, line);
                        break;
                    case AtifPieceKind.End when !isNote:
                        episodes.Add(Whole(path, episode, steps, begin));
                        break;
                }
            }
        }
        catch (JsonException e)
        {
            throw new ImportException($"it is no JSON from a place in document {episodes.Count + 1} on ({Reason(e)}): it may be cut short. Export it again.");
        }

        return episodes;
    }

    private static ExportedEpisode Record(ReadOnlyMemory<byte> extra)
    {
        if (!Utf8.IsValid(extra.Span))
            throw new ImportException("it is not UTF-8.");
        using var record = new RawObject(extra);
        if (!record.Has("episode_id") || !record.Has("step_count"))
            throw Foreign();
        return ExportedRecord.Read(record);
    }

    private static void Prove(ReadOnlyMemory<byte> step, long ordinal, ArrayBufferWriter<byte> line)
    {
        if (!Utf8.IsValid(step.Span))
            throw new ImportException("it is not UTF-8.");
        if (AtifStep.Ordinal(step.Span) is var there && there != ordinal)
            throw new ImportException($"step {(there is null ? "without an ordinal" : there)} stands where step {ordinal} belongs.");
        line.ResetWrittenCount();
        Write(step.Span, ordinal, line);
        StepHash.Check(AtifStep.Hash(step.Span), line.WrittenSpan, $"step {ordinal}");
    }

    private static ExportedEpisode Whole(string path, ExportedEpisode? episode, long steps, long begin)
    {
        if (episode is null)
            throw Foreign();
        if (steps != episode.StepCount)
            throw new ImportException($"the episode {episode.EpisodeId} has {steps} of the {episode.StepCount} steps that its record counts. Export it again.");
        return episode with { Steps = cancellation => ReadStepsAsync(path, begin, cancellation) };
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadStepsAsync(string path, long offset, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var stream = OpenedFile.Open(path);
        stream.Position = offset;
        long ordinal = 0;
        await foreach (var piece in AtifPieces.ReadAsync(stream, cancellationToken))
        {
            if (piece.Kind == AtifPieceKind.End)
                yield break;
            if (piece.Kind != AtifPieceKind.Step || !AtifStep.IsRecorded(piece.Json.Span))
                continue;
            var line = new ArrayBufferWriter<byte>(piece.Json.Length + 1);
            Write(piece.Json.Span, ordinal++, line);
            line.Write("\n"u8);
            yield return line.WrittenMemory;
        }
    }

    private static void Write(ReadOnlySpan<byte> step, long ordinal, ArrayBufferWriter<byte> line)
    {
        try
        {
            AtifStep.WriteLine(step, line);
        }
        catch (InvalidDataException e)
        {
            throw new ImportException($"step {ordinal} {e.Message}: it was changed since it was exported.");
        }
    }

    private static ImportException Foreign() => new(
        "it is an ATIF trajectory of another program, without the record in its \"extra\" that 'rollbook export --format atif' writes. Only those can be imported.");

    private static string Reason(JsonException e) => e.BytePositionInLine is null ? e.Message : $"line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}";

    private static bool IsAtif(ReadOnlySpan<byte> head)
    {
        try
        {
            // Members of the outermost object until it is named, or the bytes end.
            var reader = new Utf8JsonReader(head, isFinalBlock: false, new JsonReaderState(Options));
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isIt = reader.ValueTextEquals("schema_version"u8);
                if (!reader.Read())
                    return false;
                if (isIt)
                    return reader.TokenType == JsonTokenType.String && reader.ValueSpan.StartsWith("ATIF-"u8);
                if (!reader.TrySkip())
                    return false;
            }
        }
        catch (JsonException)
        {
            return false;
        }

        return false;
    }
}

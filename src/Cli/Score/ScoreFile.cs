using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary>Sends a file of scores in batches. A value goes to the recorder as the bytes that stand in the file.</summary>
internal static class ScoreFile
{
    // Small enough that an answer comes every second or so, and that a repeat after a lost answer costs little.
    private const int BatchLines = 1_000;
    private const int BatchBytes = 4 << 20;

    public static async Task<int> SendAsync(RollbookHttpClient client, string path, ScoreReport report, CliHost host, CancellationToken cancellationToken)
    {
        await using var stream = Open(path, host);
        // What can't be sought has no length to show.
        var length = stream.CanSeek ? stream.Length : 0;
        try
        {
            await report.WithProgressAsync(length, async moved =>
            {
                var batch = new List<ScoreLine>();
                var told = new List<(ScoreLine Line, ScoreOutcome Outcome)>();
                var bytes = 0;
                await foreach (var line in FileLines.ReadAsync(stream, cancellationToken))
                {
                    if (line.IsBlank)
                        continue;
                    if (Read(path, line, out var score) is { } fault)
                    {
                        told.Add((score, new ScoreOutcome(0, score.EpisodeId, null, Code: "bad_json", Detail: fault)));
                        continue;
                    }

                    if (batch.Count == BatchLines || (batch.Count > 0 && bytes + score.Json.Length > BatchBytes))
                    {
                        await FlushAsync(client, batch, told, report, cancellationToken);
                        moved(line.Offset);
                        bytes = 0;
                    }

                    batch.Add(score);
                    bytes += score.Json.Length;
                }

                await FlushAsync(client, batch, told, report, cancellationToken);
            });
        }
        finally
        {
            report.Finish();
        }

        return report.Refused > 0 ? ExitCode.Failed : ExitCode.Ok;
    }

    /// <summary>Sends the batch and tells its outcomes in the order of the file, whatever order they come in; also those that came before a failure.</summary>
    private static async Task FlushAsync(
        RollbookHttpClient client, List<ScoreLine> batch, List<(ScoreLine Line, ScoreOutcome Outcome)> told, ScoreReport report,
        CancellationToken cancellationToken)
    {
        try
        {
            if (batch.Count == 0)
                return;
            await foreach (var outcome in client.ScoreManyAsync([.. batch.Select(score => score.Json)], cancellationToken))
                told.Add((batch[(int)outcome.Line - 1], outcome));
        }
        finally
        {
            foreach (var (line, outcome) in told.OrderBy(item => item.Line.Number))
                report.Tell(line, outcome);
            told.Clear();
            batch.Clear();
        }
    }

    private static Stream Open(string path, CliHost host)
    {
        if (path == "-")
            return host.In();
        return File.Exists(path)
            ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1, FileOptions.Asynchronous | FileOptions.SequentialScan)
            : throw new CliException(ExitCode.NotFound, "not_found", $"There is no file '{path}'.");
    }

    /// <summary>Proves that a line is one JSON object, so that it can't make a whole batch fall, and adds what may be left out.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    private static string? Read(string path, FileLine line, out ScoreLine score)
    {
        var json = line.Number == 1 && line.Bytes.Span.StartsWith("\uFEFF"u8) ? line.Bytes[3..] : line.Bytes;
        score = new ScoreLine(line.Number, null, default);
        try
        {
            if (!Utf8.IsValid(json.Span))
                throw new JsonException("it is not UTF-8.");
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                throw new JsonException("it is not a JSON object.");
            if (!root.TryGetProperty("episode_id", out var id) || id.ValueKind != JsonValueKind.String)
                throw new JsonException("it has no \"episode_id\".");

            var text = new ArrayBufferWriter<byte>(json.Length + 96);
            RawJson.Write(text, root);
            // Into the object, behind its brace: an episode_id is there, so that a comma must follow.
            var added = new StringBuilder("{");
            if (!root.TryGetProperty("event_id", out _))
                added.Append($"\"event_id\":\"{EventId(path, line)}\",");
            if (!root.TryGetProperty("name", out _))
                added.Append("\"name\":\"final\",");
            score = new ScoreLine(line.Number, JsonText.Read(id), (byte[])[.. Encoding.ASCII.GetBytes(added.ToString()), .. text.WrittenSpan[1..]]);
            return null;
        }
        catch (JsonException e)
        {
            return e.LineNumber is null ? e.Message : $"it is not JSON (byte {e.BytePositionInLine + 1}): it may be cut short, or have a bare NaN or Infinity.";
        }
    }

    /// <summary>The same for the same line at the same place of a file of the same name, also after more lines were added to it.</summary>
    private static string EventId(string path, FileLine line)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{Path.GetFileName(path)}\0{line.Number}\0"));
        hash.AppendData(line.Bytes.Span);
        return "line-" + Convert.ToHexStringLower(hash.GetHashAndReset()[..16]);
    }
}

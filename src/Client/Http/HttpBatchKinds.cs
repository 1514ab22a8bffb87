using System.Buffers;
using System.Text.Json;

namespace Rollbook.Client;

/// <summary>The two batches of the API.</summary>
internal static class HttpBatchKinds
{
    /// <summary>Steps of many episodes, known by their episodes.</summary>
    public static HttpBatch<AppendOutcome> Appends(IReadOnlyList<StepRun> runs)
    {
        var places = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < runs.Count; i++)
        {
            if (!places.TryAdd(runs[i].EpisodeId, i))
                throw new ArgumentException($"The episode {runs[i].EpisodeId} is there twice. Put its steps into one run.", nameof(runs));
        }

        return new HttpBatch<AppendOutcome>(
            "v1/steps",
            [.. runs.Select(Lines)],
            HttpJson.Default.AppendOutcome,
            (outcome, _) => places.GetValueOrDefault(outcome.EpisodeId, -1),
            (outcome, item, sent) => outcome.Line is null
                ? outcome
                : outcome with { Line = outcome.Line - sent.TakeWhile(other => other < item).Sum(other => (long)runs[other].Steps.Count) },
            outcome => outcome is { Code: not null, Retry: true },
            item => new AppendOutcome(runs[item].EpisodeId, Code: "unavailable", Retry: true, Detail: "The recorder did not answer for this episode. Send the same again."));
    }

    /// <summary>Scores, known by their lines.</summary>
    public static HttpBatch<ScoreOutcome> Scores(IReadOnlyList<ReadOnlyMemory<byte>> lines) => new(
        "v1/scores",
        [.. lines.Select(WithEnd)],
        HttpJson.Default.ScoreOutcome,
        (outcome, sent) => outcome.Line >= 1 && outcome.Line <= sent.Count ? sent[(int)outcome.Line - 1] : -1,
        (outcome, item, _) => outcome with { Line = item + 1 },
        outcome => outcome is { Code: not null, Retry: true },
        item => new ScoreOutcome(item + 1, null, null, Code: "unavailable", Retry: true, Detail: "The recorder did not answer for this line. Send the same again."));

    private static ReadOnlyMemory<byte> Lines(StepRun run)
    {
        var lines = new ArrayBufferWriter<byte>(256 + run.Steps.Sum(step => step.Length + 128));
        for (var i = 0; i < run.Steps.Count; i++)
        {
            using (var writer = new Utf8JsonWriter(lines))
            {
                writer.WriteStartObject();
                writer.WriteString("episode_id", run.EpisodeId);
                writer.WriteNumber("ordinal", run.From + i);
                if (run.WriterEpoch is { } epoch)
                    writer.WriteNumber("writer_epoch", epoch);
                writer.WritePropertyName("step");
                // A bad step is the recorder's to refuse: it names the place, and only this episode's steps fall.
                writer.WriteRawValue(run.Steps[i].Span, skipInputValidation: true);
                writer.WriteEndObject();
            }

            lines.Write("\n"u8);
        }

        return lines.WrittenMemory;
    }

    private static ReadOnlyMemory<byte> WithEnd(ReadOnlyMemory<byte> line) => (byte[])[.. line.Span, (byte)'\n'];
}

using System.IO.Pipelines;
using System.Text;
using System.Text.Json.Nodes;
using Rollbook.Export;
using Rollbook.Testing;

namespace Rollbook.Grains.Tests.Export;

/// <summary>Exports episodes without a recorder.</summary>
internal static class Exported
{
    /// <summary>How many random episodes a property is tried with.</summary>
    public static long Episodes { get; } = long.Parse(Environment.GetEnvironmentVariable("ROLLBOOK_EXPORT_EPISODES") ?? "300");

    public static async Task<string> OfAsync(ExportFormat format, EpisodeContent content)
    {
        var stream = new MemoryStream();
        var pipe = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
        await using (var export = await EpisodeExport.OpenAsync(content, CancellationToken.None))
            await export.WriteAsync(ExportForm.Of(format), pipe, CancellationToken.None);
        await pipe.CompleteAsync();
        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(stream.ToArray());
    }

    public static Task<string> OfAsync(ExportFormat format, NastyEpisode episode, int pageSteps = 3) => OfAsync(format, Content(episode, pageSteps));

    /// <summary>An episode with one step.</summary>
    public static Task<string> OfStepAsync(ExportFormat format, string step)
    {
        var steps = StepBatch.Encode(Encoding.UTF8.GetBytes(step), ndjson: true, receivedAt: 1_763_890_000_250_000);
        var record = new EpisodeRecord
        {
            Key = new EpisodeKey("default", EpisodeId.Parse("01K00000000000000000000000")),
            Worker = "w",
            Task = "t",
            VariantId = "v",
            StartTime = 1.5,
            StepCount = 1,
            TotalSteps = 1,
        };
        return OfAsync(format, new EpisodeContent(record, StepSummary.Empty, () => Pages<IReadOnlyList<ScoreEvent>>([]), () => Pages([new StepPage(RollbookCode.Ok, 0, steps, false)])));
    }

    public static EpisodeContent Content(NastyEpisode episode, int pageSteps = 3) => new(
        episode.Record(), StepSummary.Empty, () => Pages<IReadOnlyList<ScoreEvent>>([.. episode.Scores.Chunk(2)]), () => Pages(StepPages(episode.Encode(), pageSteps)));

    /// <summary>The canonical lines of its steps.</summary>
    public static List<string> Lines(NastyEpisode episode) => episode.Steps.Count == 0 ? [] : TestSteps.Lines(episode.Encode());

    public static JsonObject Object(string json) => JsonNode.Parse(json)!.AsObject();

    private static List<StepPage> StepPages(EncodedSteps steps, int pageSteps)
    {
        var pages = new List<StepPage>();
        long from = 0;
        for (var rest = steps; rest.Count > 0;)
        {
            var (count, length) = (0, 0);
            while (count < Math.Min(pageSteps, rest.Count))
            {
                length += StepEntry.Read(rest.Bytes.Span[length..]).Length;
                count++;
            }

            pages.Add(new StepPage(RollbookCode.Ok, from, new EncodedSteps(count, rest.Bytes[..length]), false));
            from += count;
            rest = new EncodedSteps(rest.Count - count, rest.Bytes[length..]);
        }

        return pages;
    }

    private static async IAsyncEnumerable<T> Pages<T>(IReadOnlyList<T> pages)
    {
        foreach (var page in pages)
        {
            await Task.Yield();
            yield return page;
        }
    }
}

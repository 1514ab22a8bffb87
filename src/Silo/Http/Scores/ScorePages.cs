using System.IO.Pipelines;
using System.Text.Json;

namespace Rollbook.Silo.Http;

/// <summary>An episode's score events, page by page: 10,000 of them may hold 256 KiB each.</summary>
/// <param name="episode">The episode.</param>
/// <param name="count">How many the record says there are.</param>
internal sealed class ScorePages(EpisodeReads episode, int count) : IAsyncDisposable
{
    private const int PageScores = 1_000;

    private readonly IAsyncEnumerator<IReadOnlyList<ScoreEvent>> pages = ReadAsync(episode, count).GetAsyncEnumerator();
    private bool more;

    /// <summary>Reads the first page.</summary>
    /// <exception cref="RefusedException">The owner refused.</exception>
    public async ValueTask BeginAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        more = await pages.MoveNextAsync();
    }

    /// <summary>Writes the record's members, the events among them, into an object that the caller opened.</summary>
    /// <exception cref="RefusedException">The owner refused in the middle: the answer breaks off.</exception>
    public async ValueTask WriteRecordAsync(Utf8JsonWriter writer, PipeWriter output, EpisodeRecord record, long writerEpoch, CancellationToken cancellation)
    {
        RecordWriter.WriteHead(writer, record);
        writer.WriteStartArray("scores"u8);
        for (; more; more = await pages.MoveNextAsync())
        {
            foreach (var score in pages.Current) RecordWriter.WriteScore(writer, score);
            writer.Flush();
            await output.FlushAsync(cancellation);
        }

        writer.WriteEndArray();
        RecordWriter.WriteFoot(writer, record, writerEpoch);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => pages.DisposeAsync();

    /// <summary>The events that a record counts, page by page.</summary>
    /// <exception cref="RefusedException">The owner refused.</exception>
    public static async IAsyncEnumerable<IReadOnlyList<ScoreEvent>> ReadAsync(EpisodeReads episode, int count)
    {
        for (var from = 0; from < count;)
        {
            var page = await episode.ScoresAsync(from, Math.Min(count - from, PageScores));
            if (page.Scores.Count > 0) yield return page.Scores;
            if (page.Code != RollbookCode.Ok) throw StepPages.Refusal(page.Code, page.Damage);
            // The record says that they are there.
            if (page.Scores.Count == 0) throw StepPages.Refusal(RollbookCode.Unavailable);
            from += page.Scores.Count;
        }
    }
}

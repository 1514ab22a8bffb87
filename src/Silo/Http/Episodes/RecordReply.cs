using System.Text.Json;

namespace Rollbook.Silo.Http;

/// <summary>A record, its score events and, where asked for, its steps streamed page by page.</summary>
/// <param name="episode">The episode.</param>
/// <param name="view">With a record.</param>
/// <param name="withSteps">Whether the steps are read too.</param>
/// <param name="around">Writes what stands beside the record, which is then the member <c>record</c>; null = the record is the answer.</param>
internal sealed class RecordReply(EpisodeReads episode, EpisodeView view, bool withSteps, Action<Utf8JsonWriter>? around = null) : IResult
{
    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, gone) = (httpContext.Response, httpContext.RequestAborted);
        var record = view.Record!;
        await using var scores = new ScorePages(episode, record.ScoreCount);
        await using var steps = StepPages.ReadAsync(episode, 0, withSteps ? record.StepCount : 0, exact: true).GetAsyncEnumerator(gone);
        // The first pages before the first byte: a refusal is still an answer of its own.
        await scores.BeginAsync(gone);
        var more = await steps.MoveNextAsync();
        response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(response.BodyWriter, JsonReply.WriterOptions);
        writer.WriteStartObject();
        around?.Invoke(writer);
        if (around is not null) writer.WriteStartObject("record"u8);
        await scores.WriteRecordAsync(writer, response.BodyWriter, record, view.WriterEpoch, gone);
        if (withSteps)
        {
            writer.WriteStartArray("steps"u8);
            for (; more; more = await steps.MoveNextAsync())
            {
                StepPages.WriteElements(writer, steps.Current, StepLineWriter.WriteWhole);
                writer.Flush();
                await response.BodyWriter.FlushAsync(gone);
            }

            writer.WriteEndArray();
        }

        if (around is not null) writer.WriteEndObject();
        writer.WriteEndObject();
    }
}

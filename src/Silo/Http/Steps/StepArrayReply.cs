using System.Text.Json;

namespace Rollbook.Silo.Http;

/// <summary>A JSON answer with an array of steps in it, streamed page by page.</summary>
/// <param name="pages">The steps.</param>
/// <param name="write">Writes one step.</param>
/// <param name="open">Writes what stands before the array.</param>
/// <param name="close">Writes what stands behind it.</param>
internal sealed class StepArrayReply(
    IAsyncEnumerable<StepPage> pages, StepPages.WriteStep write, Action<Utf8JsonWriter>? open = null, Action<Utf8JsonWriter>? close = null) : IResult
{
    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        await using var steps = pages.GetAsyncEnumerator(httpContext.RequestAborted);
        // The first page before the first byte: a refusal is still an answer of its own.
        var more = await steps.MoveNextAsync();
        response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(response.BodyWriter, JsonReply.WriterOptions);
        open?.Invoke(writer);
        writer.WriteStartArray();
        for (; more; more = await steps.MoveNextAsync())
        {
            StepPages.WriteElements(writer, steps.Current, write);
            writer.Flush();
            await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
        }

        writer.WriteEndArray();
        close?.Invoke(writer);
    }
}

using System.IO.Pipelines;
using System.Text.Json;
using Rollbook.Episodes;

namespace Rollbook.Silo.Http;

/// <summary>Steps as NDJSON, streamed page by page.</summary>
internal sealed class StepLinesReply(IAsyncEnumerable<StepPage> pages) : IResult
{
    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        await using var steps = pages.GetAsyncEnumerator(httpContext.RequestAborted);
        var more = await steps.MoveNextAsync();
        response.ContentType = "application/x-ndjson";
        await using var writer = new Utf8JsonWriter(response.BodyWriter, JsonReply.WriterOptions);
        for (; more; more = await steps.MoveNextAsync())
        {
            WriteLines(response.BodyWriter, writer, steps.Current);
            await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
        }
    }

    private static void WriteLines(PipeWriter output, Utf8JsonWriter writer, StepPage page)
    {
        var ordinal = page.From;
        for (var rest = page.Steps.Bytes.Span; !rest.IsEmpty;)
        {
            var entry = StepEntry.Read(rest);
            StepLineWriter.WriteLine(writer, entry, ordinal++);
            writer.Flush();
            writer.Reset();
            output.GetSpan(1)[0] = (byte)'\n';
            output.Advance(1);
            rest = rest[entry.Length..];
        }
    }
}

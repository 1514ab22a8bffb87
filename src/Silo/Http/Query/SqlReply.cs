using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Rollbook.Query;

namespace Rollbook.Silo.Http;

/// <summary>A statement's answer, streamed as it comes.</summary>
internal sealed class SqlReply(SqlAnswer answer, SqlFormat format) : IResult
{
    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        await using var ended = answer;
        var (response, gone) = (httpContext.Response, httpContext.RequestAborted);
        response.ContentType = format switch
        {
            SqlFormat.Csv => "text/csv; charset=utf-8; header=present",
            SqlFormat.JsonLines => "application/x-ndjson",
            _ => "application/json",
        };
        // A spreadsheet or a page must not open it by itself.
        if (format == SqlFormat.Csv) response.Headers.ContentDisposition = "attachment; filename=\"query.csv\"";
        if (answer.AsOf is { } moment) response.Headers["Rollbook-As-Of"] = moment.ToString("R", CultureInfo.InvariantCulture);
        response.Headers["Rollbook-Complete"] = answer.Missing.Count == 0 ? "true" : "false";
        response.Headers["Rollbook-Row-Limit"] = answer.RowLimit.ToString(CultureInfo.InvariantCulture);
        var known = answer.End is not null;
        if (known) response.Headers["Rollbook-Truncated"] = answer.End!.Truncated ? "true" : "false";
        if (format == SqlFormat.Json)
        {
            response.BodyWriter.Write("{\"columns\":"u8);
            response.BodyWriter.Write(answer.Columns.Span);
            response.BodyWriter.Write(",\"rows\":["u8);
        }

        await foreach (var run in answer.RowsAsync(gone))
        {
            await response.BodyWriter.WriteAsync(run, gone);
        }

        var end = answer.End!;
        if (format != SqlFormat.Json)
        {
            // As many rows as the limit tell it; fewer, cut for their bytes, would look whole.
            if (!known && end.Truncated && end.Rows < answer.RowLimit) throw new SqlRefusedException(SqlRefusal.Limit, "The answer has more bytes than it may.");
            return;
        }

        response.BodyWriter.Write("],"u8);
        await using var foot = new Utf8JsonWriter(response.BodyWriter, JsonReply.WriterOptions);
        Foot(foot, end);
    }

    // The object was opened by hand, so that rows go through as they come: the writer closes one of its own, without its brace.
    private void Foot(Utf8JsonWriter writer, SqlWire.Done end)
    {
        using var members = new MemoryStream();
        using (var inner = new Utf8JsonWriter(members, JsonReply.WriterOptions))
        {
            inner.WriteStartObject();
            inner.WriteNumber("row_count"u8, end.Rows);
            inner.WriteBoolean("truncated"u8, end.Truncated);
            HistoryWriter.Moment(inner, answer.AsOf, answer.Missing);
            inner.WriteEndObject();
        }

        writer.WriteRawValue(members.GetBuffer().AsSpan(1, (int)members.Length - 1), skipInputValidation: true);
    }
}

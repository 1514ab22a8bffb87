using System.Globalization;
using System.Text.Json;

namespace Rollbook.Silo.Http;

/// <summary>A refusal as problem details (RFC 9457) with the members of the contract.</summary>
internal sealed class Problem(ProblemKind kind) : IResult
{
    /// <summary>A sentence that says what to do; null = the kind's own.</summary>
    public string? Detail { get; init; }

    /// <summary>The next ordinal, or the conflicting one.</summary>
    public long? Expected { get; init; }

    /// <summary>JSON pointer to the bad place.</summary>
    public string? Pointer { get; init; }

    /// <summary>1-based line of an NDJSON body, or of a statement.</summary>
    public int? Line { get; init; }

    /// <summary>1-based character in that line of a statement.</summary>
    public int? Column { get; init; }

    /// <summary>Seconds to wait; where the same request may succeed later, at least 1 is said.</summary>
    public double RetryAfter { get; init; }

    /// <summary>The problem of a reply's code.</summary>
    public static Problem Of(RollbookCode code) => new(ProblemKind.Of(code));

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = kind.Status;
        response.ContentType = "application/problem+json";
        if (kind.Retry)
        {
            var seconds = Math.Clamp(Math.Ceiling(RetryAfter), 1, 3600);
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        await using var writer = new Utf8JsonWriter(response.BodyWriter, JsonReply.WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("type"u8, $"urn:rollbook:problem:{kind.Code}");
        writer.WriteString("title"u8, kind.Title);
        writer.WriteNumber("status"u8, kind.Status);
        writer.WriteString("detail"u8, Detail ?? kind.Cure);
        writer.WriteString("code"u8, kind.Code);
        writer.WriteBoolean("retry"u8, kind.Retry);
        if (Expected is { } expected) writer.WriteNumber("expected"u8, expected);
        if (Pointer is not null) writer.WriteString("pointer"u8, Pointer);
        if (Line is { } line) writer.WriteNumber("line"u8, line);
        if (Column is { } column) writer.WriteNumber("column"u8, column);
        writer.WriteEndObject();
    }
}

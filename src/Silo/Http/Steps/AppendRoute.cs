using System.Buffers;
using System.Globalization;
using System.Text.Unicode;
using Rollbook.Episodes;

namespace Rollbook.Silo.Http;

/// <summary>
/// Appends to one episode. The route that every step of a lockstep rollout takes: what it needs is resolved once, not for each
/// request, and the answer is written in one piece with its length, so that it leaves in one write to the socket.
/// </summary>
internal sealed class AppendRoute(EpisodeAppends appends, BodyReader bodies, ReceiveClock clock)
{
    // Two numbers of 64 bits and the names around them.
    private const int MaxAnswer = 80;

    /// <summary>The route over a process's services.</summary>
    public static AppendRoute Of(IServiceProvider services) => new(
        services.GetRequiredService<EpisodeAppends>(), services.GetRequiredService<BodyReader>(), services.GetRequiredService<ReceiveClock>());

    /// <summary>Records the steps of a request and answers when they are durable.</summary>
    public async Task HandleAsync(HttpContext http, string id)
    {
        var key = PathNames.Episode(http, id);
        var from = QueryNumbers.Required(http, "from");
        var epoch = QueryNumbers.Optional(http, "writer_epoch");
        EncodedSteps steps;
        using (var body = await bodies.ReadAsync(http, BodyLimit.Steps))
        {
            steps = StepBatch.Encode(body.Span, IsNdjson(http), clock.Now());
        }

        // From here on the caller's going away changes nothing: what was sent is recorded.
        var reply = await appends.AppendAsync(key, from, steps, epoch);
        if (reply.Code == RollbookCode.Ok) Write(http.Response, reply);
        else await new Problem(ProblemKind.Of(reply.Code)) { Expected = reply.Expected(), Detail = reply.Cure() }.ExecuteAsync(http);
    }

    private static bool IsNdjson(HttpContext http) =>
        http.Request.ContentType is { } type && type.AsSpan().TrimStart().StartsWith(StepsApi.Ndjson, StringComparison.OrdinalIgnoreCase);

    /// <summary>Writes an <see cref="AppendAnswer"/>. The server flushes it when the request ends.</summary>
    private static void Write(HttpResponse response, AppendReply reply)
    {
        Span<byte> text = stackalloc byte[MaxAnswer];
        Utf8.TryWrite(text, CultureInfo.InvariantCulture, $$"""{"next_ordinal":{{reply.NextOrdinal}},"duplicates":{{reply.Duplicates}}}""", out var length);
        response.ContentType = "application/json";
        response.ContentLength = length;
        response.BodyWriter.Write(text[..length]);
    }
}

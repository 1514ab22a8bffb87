using System.Text.Json;
using System.Threading.Channels;

namespace Rollbook.Silo.Http;

/// <summary>The answer to steps of many episodes: a line an episode, as each completes.</summary>
/// <param name="parts">The request's parts.</param>
/// <param name="outcomes">What becomes of those that are not refused.</param>
/// <param name="time">Measures <see cref="Patience"/>.</param>
internal sealed class EnvelopeReply(IReadOnlyList<EpisodeSteps> parts, ChannelReader<EpisodeOutcome> outcomes, TimeProvider time) : IResult
{
    /// <summary>How long an episode may take before its outcome is told to be unknown, while the others have theirs.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private const string NoOutcome = "No outcome after 5 s. Send the same again: a step is never recorded twice.";
    private const string SendAgain = "Send the same again after a second: a step is never recorded twice.";

    private readonly bool[] answered = new bool[parts.Count];
    private int waiting = parts.Count;

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        var output = response.BodyWriter;
        response.ContentType = StepsApi.Ndjson;
        await using var writer = new Utf8JsonWriter(output, JsonReply.WriterOptions);
        var lines = new EnvelopeLines(writer, output);
        using var patience = new CancellationTokenSource(Patience, time);
        WriteRefusals(lines);
        if (waiting < parts.Count && waiting > 0) await output.FlushAsync(httpContext.RequestAborted);
        while (waiting > 0 && await MoreAsync(patience.Token))
        {
            WriteReady(lines);
            var flushed = await output.FlushAsync(httpContext.RequestAborted);
            if (flushed.IsCompleted) return;
        }

        WriteUnknown(lines);
    }

    private async ValueTask<bool> MoreAsync(CancellationToken patience)
    {
        try
        {
            await outcomes.WaitToReadAsync(patience);
            // A commit completes many episodes at once: the others come to their ends before this goes on, and share a flush.
            await Task.Yield();
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void WriteReady(EnvelopeLines lines)
    {
        while (outcomes.TryRead(out var outcome))
        {
            var episode = parts[outcome.Part].Episode;
            if (outcome.Reply.Code == RollbookCode.Ok) lines.Taken(episode, outcome.Reply);
            else lines.Refused(episode, ProblemKind.Of(outcome.Reply.Code), outcome.Reply.Cure() ?? Detail(outcome.Reply.Code), outcome.Reply.Expected());
            Answer(outcome.Part);
        }
    }

    private void WriteRefusals(EnvelopeLines lines)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            if (parts[i].Refusal is not { } bad) continue;
            lines.Refused(parts[i].Episode, ProblemKind.BadJson, bad.Message, expected: null, bad.Pointer, bad.Line);
            Answer(i);
        }
    }

    private void WriteUnknown(EnvelopeLines lines)
    {
        // What came at the very end is an outcome still.
        WriteReady(lines);
        for (var i = 0; i < parts.Count; i++)
        {
            if (!answered[i]) lines.Refused(parts[i].Episode, ProblemKind.Of(RollbookCode.Unavailable), NoOutcome, expected: null);
        }
    }

    private void Answer(int part)
    {
        answered[part] = true;
        waiting--;
    }

    private static string Detail(RollbookCode code)
    {
        var kind = ProblemKind.Of(code);
        return kind.Retry ? SendAgain : kind.Cure;
    }
}

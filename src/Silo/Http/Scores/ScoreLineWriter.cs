using System.IO.Pipelines;
using System.Text.Json;

namespace Rollbook.Silo.Http;

/// <summary>Writes what became of each score of many, a line each.</summary>
internal sealed class ScoreLineWriter(PipeWriter output) : IAsyncDisposable
{
    private readonly Utf8JsonWriter writer = new(output, JsonReply.WriterOptions);

    /// <summary>The owner's answer.</summary>
    public void Answer(int line, EpisodeId episode, string eventId, ScoreReply reply)
    {
        if (reply.Code != RollbookCode.Ok)
        {
            var kind = ProblemKind.Of(reply.Code);
            Refuse(line, episode, eventId, kind, kind.Cure, null);
            return;
        }

        Begin(line, episode, eventId);
        writer.WriteBoolean("duplicate"u8, reply.Duplicate);
        writer.WritePropertyName("final_score"u8);
        if (reply.FinalScore is { } score) writer.WriteNumber(score);
        else writer.WriteNullValue();
        End();
    }

    /// <summary>Why it was not taken; a line that could not be read names no episode and no event.</summary>
    public void Refuse(int line, EpisodeId? episode, string? eventId, ProblemKind kind, string detail, string? pointer)
    {
        Begin(line, episode, eventId);
        writer.WriteString("code"u8, kind.Code);
        writer.WriteBoolean("retry"u8, kind.Retry);
        writer.WriteString("detail"u8, detail);
        if (pointer is not null) writer.WriteString("pointer"u8, pointer);
        End();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => writer.DisposeAsync();

    private void Begin(int line, EpisodeId? episode, string? eventId)
    {
        writer.WriteStartObject();
        writer.WriteNumber("line"u8, line);
        writer.WriteString("episode_id"u8, episode?.ToString());
        writer.WriteString("event_id"u8, eventId);
    }

    private void End()
    {
        writer.WriteEndObject();
        writer.Flush();
        writer.Reset();
        output.GetSpan(1)[0] = (byte)'\n';
        output.Advance(1);
    }
}

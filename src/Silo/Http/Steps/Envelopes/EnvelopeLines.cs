using System.IO.Pipelines;
using System.Text.Json;

namespace Rollbook.Silo.Http;

/// <summary>Writes the lines of an answer about many episodes.</summary>
/// <param name="writer">Writes to <paramref name="output"/>.</param>
/// <param name="output">Takes the lines; flushed by the caller.</param>
internal sealed class EnvelopeLines(Utf8JsonWriter writer, PipeWriter output)
{
    /// <summary>The episode's steps are durable.</summary>
    public void Taken(EpisodeId episode, AppendReply reply)
    {
        Open(episode);
        writer.WriteNumber("next_ordinal"u8, reply.NextOrdinal);
        writer.WriteNumber("duplicates"u8, reply.Duplicates);
        Close();
    }

    /// <summary>The episode's steps are refused, or their outcome is unknown.</summary>
    /// <param name="episode">The episode.</param>
    /// <param name="kind">The row of the table of errors.</param>
    /// <param name="detail">A sentence that says what to do.</param>
    /// <param name="expected">The next ordinal, or the conflicting one.</param>
    /// <param name="pointer">JSON pointer into the bad step.</param>
    /// <param name="line">The bad step's 1-based line.</param>
    public void Refused(EpisodeId episode, ProblemKind kind, string detail, long? expected, string? pointer = null, int? line = null)
    {
        Open(episode);
        writer.WriteString("code"u8, kind.Code);
        writer.WriteBoolean("retry"u8, kind.Retry);
        writer.WriteString("detail"u8, detail);
        if (expected is { } ordinal) writer.WriteNumber("expected"u8, ordinal);
        if (pointer is not null) writer.WriteString("pointer"u8, pointer);
        if (line is { } number) writer.WriteNumber("line"u8, number);
        Close();
    }

    private void Open(EpisodeId episode)
    {
        writer.WriteStartObject();
        writer.WriteString("episode_id"u8, episode.ToString());
    }

    private void Close()
    {
        writer.WriteEndObject();
        writer.Flush();
        writer.Reset();
        output.GetSpan(1)[0] = (byte)'\n';
        output.Advance(1);
    }
}

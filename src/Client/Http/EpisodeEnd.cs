namespace Rollbook.Client;

/// <summary>How an episode ended.</summary>
public sealed record EpisodeEnd
{
    /// <summary>The number of steps that were recorded; refused with <c>ordinal_gap</c> if some are missing.</summary>
    public required long NextOrdinal { get; init; }

    /// <summary>The score, NaN and infinities included; null: not scored, which is not 0.</summary>
    public double? FinalScore { get; init; }

    /// <summary>Why it ended: <c>submitted</c>, <c>max_steps</c>, <c>exception: TypeError</c>, …</summary>
    public string? EndCause { get; init; }

    /// <summary>The epoch of the start or resume reply; null writes unfenced.</summary>
    public long? WriterEpoch { get; init; }

    /// <summary>Unix seconds; null takes the recorder's time.</summary>
    public double? EndTime { get; init; }

    /// <summary>
    /// <c>completed</c>, and that is what null means; an import keeps what another recorder ended as <c>superseded</c>, <c>aborted</c> or <c>lost</c>.
    /// </summary>
    public string? Status { get; init; }

    /// <summary>The body of the request.</summary>
    public byte[] ToJson() => HttpBodies.Write(writer =>
    {
        HttpBodies.Number(writer, "final_score", FinalScore);
        HttpBodies.Optional(writer, "end_cause", EndCause);
        writer.WriteNumber("next_ordinal", NextOrdinal);
        HttpBodies.Optional(writer, "writer_epoch", WriterEpoch);
        HttpBodies.Number(writer, "end_time", EndTime);
        HttpBodies.Optional(writer, "status", Status);
    });
}

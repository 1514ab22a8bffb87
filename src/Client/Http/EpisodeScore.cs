namespace Rollbook.Client;

/// <summary>A score that a verifier or a person gives an episode, in any status.</summary>
public sealed record EpisodeScore
{
    /// <summary>1–128 characters of <c>[A-Za-z0-9._~:@+-]</c>. The same event sent again counts once; another body under it is <c>score_conflict</c>.</summary>
    public required string EventId { get; init; }

    /// <summary>1–64 characters of <c>[A-Za-z0-9._~:@+-]</c>. The newest event named <c>final</c> is the episode's final score.</summary>
    public required string Name { get; init; }

    /// <summary>The score, NaN and infinities included; null: not scored, which is not 0.</summary>
    public required double? Value { get; init; }

    /// <summary>Who gives it: 1–256 printable characters.</summary>
    public required string Source { get; init; }

    /// <summary>Why; at most 64 KiB.</summary>
    public string? Rationale { get; init; }

    /// <summary>A JSON object in UTF-8, passed on as it stands; empty: none.</summary>
    public ReadOnlyMemory<byte> Metadata { get; init; }

    /// <summary>Unix seconds; null takes the recorder's time.</summary>
    public double? Time { get; init; }

    /// <summary>The body of the request.</summary>
    public byte[] ToJson() => HttpBodies.Write(writer =>
    {
        writer.WriteString("event_id", EventId);
        writer.WriteString("name", Name);
        if (Value is null)
            writer.WriteNull("value");
        HttpBodies.Number(writer, "value", Value);
        writer.WriteString("source", Source);
        HttpBodies.Optional(writer, "rationale", Rationale);
        HttpBodies.Raw(writer, "metadata", Metadata);
        HttpBodies.Number(writer, "time", Time);
    });
}

namespace Rollbook.Silo.Http;

/// <summary>The bodies that end an episode.</summary>
internal static class EndBodies
{
    private const int MaxCause = 1_000;

    /// <summary>The body of an end.</summary>
    /// <exception cref="BadJsonException">It is not what it should be.</exception>
    public static EndEpisode ReadEnd(ReadOnlySpan<byte> body)
    {
        var fields = JsonFields.Read(body, "final_score", "end_cause", "next_ordinal", "writer_epoch", "end_time");
        return new EndEpisode
        {
            Status = EpisodeStatus.Completed,
            NextOrdinal = JsonFields.Required("next_ordinal", fields.Integer("next_ordinal", 0)),
            FinalScore = fields.Number("final_score", named: true),
            Cause = Cause(fields, "end_cause"),
            WriterEpoch = fields.Integer("writer_epoch", 0),
            EndTime = fields.Number("end_time", named: false),
        };
    }

    /// <summary>The body of an abort.</summary>
    /// <exception cref="BadJsonException">It is not what it should be.</exception>
    public static EndEpisode ReadAbort(ReadOnlySpan<byte> body)
    {
        var fields = JsonFields.Read(body, "cause");
        return new EndEpisode { Status = EpisodeStatus.Aborted, Cause = Cause(fields, "cause") };
    }

    private static string? Cause(JsonFields fields, string name)
    {
        var cause = fields.Text(name);
        return cause is null or { Length: >= 1 and <= MaxCause } ? cause : throw JsonFields.Wrong(name, "must have 1 to 1,000 characters");
    }
}

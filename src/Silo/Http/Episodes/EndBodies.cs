namespace Rollbook.Silo.Http;

/// <summary>The bodies that end an episode.</summary>
internal static class EndBodies
{
    private const int MaxCause = 1_000;

    /// <summary>The body of an end. Another ending than completed is for one that was recorded elsewhere: an import keeps it.</summary>
    /// <exception cref="BadJsonException">It is not what it should be.</exception>
    public static EndEpisode ReadEnd(ReadOnlySpan<byte> body)
    {
        var fields = JsonFields.Read(body, "final_score", "end_cause", "next_ordinal", "writer_epoch", "end_time", "status");
        return new EndEpisode
        {
            Status = Status(fields),
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

    private static EpisodeStatus Status(JsonFields fields) => fields.Text("status") switch
    {
        null or "completed" => EpisodeStatus.Completed,
        "superseded" => EpisodeStatus.Superseded,
        "aborted" => EpisodeStatus.Aborted,
        "lost" => EpisodeStatus.Lost,
        _ => throw JsonFields.Wrong("status", "must be completed, superseded, aborted or lost"),
    };

    private static string? Cause(JsonFields fields, string name)
    {
        var cause = fields.Text(name);
        return cause is null or { Length: >= 1 and <= MaxCause } ? cause : throw JsonFields.Wrong(name, "must have 1 to 1,000 characters");
    }
}

namespace Rollbook.Client;

/// <summary>What a start sends. The gateway has no edge in front that would check it, so it is read here as the edge reads it.</summary>
internal static class StartRequests
{
    private const int MaxCause = 1_000;
    private const int MaxWorker = 128;

    /// <summary>The request of a start.</summary>
    /// <exception cref="BadStepException">A field is not what it should be.</exception>
    public static StartEpisode Of(string project, string worker, EpisodeStart start, string writer)
    {
        ArgumentNullException.ThrowIfNull(start);
        var request = EdgeBodies.Read("A start", start.ToJson, body => StartBody.Read(project, worker, null, body));
        return request with { Writer = request.Writer ?? writer };
    }

    /// <summary>Checks a worker's name.</summary>
    /// <exception cref="ArgumentException">It is not <c>[A-Za-z0-9._~:@+-]{1,128}</c>.</exception>
    public static string Worker(string worker)
    {
        ArgumentNullException.ThrowIfNull(worker);
        return EventRules.IsName(worker, MaxWorker)
            ? worker
            : throw new ArgumentException($"'{worker}' can't name a worker: give 1 to 128 characters of A-Z a-z 0-9 . _ ~ : @ + -", nameof(worker));
    }

    /// <summary>Checks why an episode ended.</summary>
    /// <exception cref="BadStepException">It is too long, or empty.</exception>
    public static string? Cause(string? cause) =>
        cause is null or { Length: >= 1 and <= MaxCause } ? cause : throw new BadStepException("end_cause must have 1 to 1,000 characters.", "/end_cause");
}

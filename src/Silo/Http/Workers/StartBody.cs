namespace Rollbook.Silo.Http;

/// <summary>The body of a start.</summary>
internal static class StartBody
{
    private const int MaxDeadlineSeconds = 2_592_000;

    /// <summary>What the episode is; the order in which it is hashed.</summary>
    private static readonly string[] Hashed =
    [
        "task", "variant_id", "group_id", "attempt", "seed", "policy_version", "environment", "parent_episode_id", "metadata",
        "initial_observation", "episode_id", "start_time", "deadline_seconds",
    ];

    /// <summary>Reads it.</summary>
    /// <exception cref="BadJsonException">It is not what it should be.</exception>
    public static StartEpisode Read(string project, string worker, string? idempotencyKey, ReadOnlySpan<byte> body)
    {
        var fields = JsonFields.Read(body, [.. Hashed, "writer", "takeover"]);
        var deadline = fields.Number("deadline_seconds", named: false);
        if (deadline is < 1 or > MaxDeadlineSeconds) throw JsonFields.Wrong("deadline_seconds", "must be 1 to 2,592,000");
        return new StartEpisode
        {
            Project = project,
            Worker = worker,
            Task = JsonFields.Required("task", fields.Name("task")),
            VariantId = JsonFields.Required("variant_id", fields.Name("variant_id")),
            EpisodeId = fields.Episode("episode_id"),
            StartTime = fields.Number("start_time", named: false),
            GroupId = fields.Name("group_id"),
            Attempt = (int?)fields.Integer("attempt", 0, int.MaxValue),
            Seed = fields.Integer("seed"),
            PolicyVersion = fields.Name("policy_version"),
            Environment = fields.Name("environment"),
            ParentEpisodeId = fields.Episode("parent_episode_id"),
            Metadata = fields.Raw("metadata", mustBeObject: true),
            InitialObservation = fields.Raw("initial_observation", mustBeObject: false),
            DeadlineSeconds = deadline,
            Writer = PathNames.WriterField("writer", fields.Text("writer")),
            Takeover = fields.Flag("takeover"),
            IdempotencyKey = idempotencyKey,
            BodyHash = fields.Hash(Hashed),
        };
    }
}

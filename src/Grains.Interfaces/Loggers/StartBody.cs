namespace Rollbook;

/// <summary>The body of a start.</summary>
internal static class StartBody
{
    private const int MaxDeadlineSeconds = 2_592_000;
    private const int MaxWriter = 64;

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
            Writer = WriterField(fields),
            Takeover = fields.Flag("takeover"),
            IdempotencyKey = idempotencyKey,
            BodyHash = fields.Hash(Hashed),
        };
    }

    /// <summary>The field <c>writer</c>, which a resumption has too; null where there is none.</summary>
    /// <exception cref="BadJsonException">It is not <c>[A-Za-z0-9._~:@+-]{1,64}</c>.</exception>
    public static string? WriterField(JsonFields fields)
    {
        var writer = fields.Text("writer");
        return writer is null || EventRules.IsName(writer, MaxWriter)
            ? writer
            : throw JsonFields.Wrong("writer", "must be 1 to 64 characters of A-Z a-z 0-9 . _ ~ : @ + -");
    }
}

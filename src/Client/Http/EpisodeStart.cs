namespace Rollbook.Client;

/// <summary>What an episode starts with. Only task and variant are required; the recorder fills in the rest.</summary>
public sealed record EpisodeStart
{
    /// <summary>What is to be solved: 1–256 printable characters.</summary>
    public required string Task { get; init; }

    /// <summary>The configuration under which it is tried: 1–256 printable characters.</summary>
    public required string VariantId { get; init; }

    /// <summary>Episodes that are compared with each other.</summary>
    public string? GroupId { get; init; }

    /// <summary>Number of the try within its group.</summary>
    public int? Attempt { get; init; }

    /// <summary>The environment's seed.</summary>
    public long? Seed { get; init; }

    /// <summary>Version of the policy that acts.</summary>
    public string? PolicyVersion { get; init; }

    /// <summary>Name of the environment.</summary>
    public string? Environment { get; init; }

    /// <summary>The episode that this one branches from.</summary>
    public string? ParentEpisodeId { get; init; }

    /// <summary>A JSON object in UTF-8, passed on as it stands; empty: none.</summary>
    public ReadOnlyMemory<byte> Metadata { get; init; }

    /// <summary>A JSON value in UTF-8, passed on as it stands; empty: none.</summary>
    public ReadOnlyMemory<byte> InitialObservation { get; init; }

    /// <summary>A ULID that the caller minted; null lets the recorder mint one.</summary>
    public string? EpisodeId { get; init; }

    /// <summary>Unix seconds; null takes the recorder's time.</summary>
    public double? StartTime { get; init; }

    /// <summary>Seconds of silence after which the episode ends as <c>lost</c>: 1 to 2,592,000, by default 1,800.</summary>
    public double? DeadlineSeconds { get; init; }

    /// <summary>The writing process, 1–64 characters of <c>[A-Za-z0-9._~:@+-]</c>.</summary>
    public string? Writer { get; init; }

    /// <summary>Take the worker even from another live writer.</summary>
    public bool Takeover { get; init; }

    /// <summary>The body of the request.</summary>
    public byte[] ToJson() => HttpBodies.Write(writer =>
    {
        writer.WriteString("task", Task);
        writer.WriteString("variant_id", VariantId);
        HttpBodies.Optional(writer, "group_id", GroupId);
        HttpBodies.Optional(writer, "attempt", Attempt);
        HttpBodies.Optional(writer, "seed", Seed);
        HttpBodies.Optional(writer, "policy_version", PolicyVersion);
        HttpBodies.Optional(writer, "environment", Environment);
        HttpBodies.Optional(writer, "parent_episode_id", ParentEpisodeId);
        HttpBodies.Raw(writer, "metadata", Metadata);
        HttpBodies.Raw(writer, "initial_observation", InitialObservation);
        HttpBodies.Optional(writer, "episode_id", EpisodeId);
        HttpBodies.Number(writer, "start_time", StartTime);
        HttpBodies.Number(writer, "deadline_seconds", DeadlineSeconds);
        HttpBodies.Optional(writer, "writer", Writer);
        if (Takeover)
            writer.WriteBoolean("takeover", true);
    });
}

namespace Rollbook.Client;

/// <summary>Fields that an episode may get after its start, each only where it has none yet; null leaves it.</summary>
public sealed record EpisodeFields
{
    /// <summary>Episodes that are compared with each other.</summary>
    public string? GroupId { get; init; }

    /// <summary>Number of the try within its group.</summary>
    public int? Attempt { get; init; }

    /// <summary>The environment's seed.</summary>
    public long? Seed { get; init; }

    /// <summary>Version of the policy that acted.</summary>
    public string? PolicyVersion { get; init; }

    /// <summary>Name of the environment.</summary>
    public string? Environment { get; init; }

    /// <summary>The body of the request.</summary>
    public byte[] ToJson() => HttpBodies.Write(writer =>
    {
        HttpBodies.Optional(writer, "group_id", GroupId);
        HttpBodies.Optional(writer, "attempt", Attempt);
        HttpBodies.Optional(writer, "seed", Seed);
        HttpBodies.Optional(writer, "policy_version", PolicyVersion);
        HttpBodies.Optional(writer, "environment", Environment);
    });
}

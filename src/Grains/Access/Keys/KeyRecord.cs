namespace Rollbook.Access;

/// <summary>What is stored of an API key. Times are Unix milliseconds.</summary>
[GenerateSerializer, Immutable, Alias("rollbook.KeyRecord")]
internal sealed record KeyRecord
{
    /// <summary>The id, which is no secret.</summary>
    [Id(0)] public required string Id { get; init; }

    /// <summary>SHA-256 of the whole key.</summary>
    [Id(1)] public required byte[] Hash { get; init; }

    /// <summary>What it is for, in its maker's words.</summary>
    [Id(2)] public required string Name { get; init; }

    /// <summary>The project; <see cref="ProjectName.All"/> = all.</summary>
    [Id(3)] public required string Project { get; init; }

    /// <summary>What it may do.</summary>
    [Id(4)] public required AccessScopes Scopes { get; init; }

    /// <summary>When it was made.</summary>
    [Id(5)] public required long CreatedAt { get; init; }

    /// <summary>Who made it, a <see cref="Caller.Name"/>.</summary>
    [Id(6)] public required string CreatedBy { get; init; }

    /// <summary>From when on it is refused; null = never.</summary>
    [Id(7)] public long? ExpiresAt { get; init; }

    /// <summary>When it was revoked; null = it was not.</summary>
    [Id(8)] public long? RevokedAt { get; init; }

    /// <summary>The id of the key that stands for it since a rotation.</summary>
    [Id(9)] public string? ReplacedBy { get; init; }

    /// <summary>When it was last used, up to some minutes behind; null = never.</summary>
    [Id(10)] public long? LastUsedAt { get; init; }

    /// <summary>Its own limit of requests a second; null = the recorder's.</summary>
    [Id(11)] public int? RequestsPerSecond { get; init; }

    /// <summary>Its own limit of body bytes a second; null = the recorder's.</summary>
    [Id(12)] public long? BytesPerSecond { get; init; }

    /// <summary>Whether it is accepted at a moment.</summary>
    public bool IsValid(long now) => RevokedAt is null && !(ExpiresAt <= now);
}

namespace Rollbook;

/// <summary>What ends an episode.</summary>
[GenerateSerializer, Immutable, Alias("rollbook.EndEpisode")]
public sealed record EndEpisode
{
    /// <summary>Completed, Superseded, Aborted or Lost.</summary>
    [Id(0)] public required EpisodeStatus Status { get; init; }

    /// <summary>A short text; null = the status's default.</summary>
    [Id(1)] public string? Cause { get; init; }

    /// <summary>Null = not scored.</summary>
    [Id(2)] public double? FinalScore { get; init; }

    /// <summary>How many steps the writer sent; null = not checked (abort, supersede, lost).</summary>
    [Id(3)] public long? NextOrdinal { get; init; }

    /// <summary>The writer's epoch; null = unfenced.</summary>
    [Id(4)] public long? WriterEpoch { get; init; }

    /// <summary>Unix seconds; null = now.</summary>
    [Id(5)] public double? EndTime { get; init; }

    /// <summary>What log lines and messages of errors say of it: no content.</summary>
    public override string ToString() => $"{nameof(EndEpisode)} ({Status})";
}

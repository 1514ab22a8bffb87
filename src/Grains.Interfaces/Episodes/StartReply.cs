namespace Rollbook;

/// <summary>The answer to a start or a resume.</summary>
[GenerateSerializer, Immutable, Alias("rollbook.StartReply")]
public sealed record StartReply
{
    /// <summary>Ok, or why nothing was started.</summary>
    [Id(0)] public required RollbookCode Code { get; init; }

    /// <summary>The record; null unless <see cref="Code"/> is Ok.</summary>
    [Id(1)] public EpisodeRecord? Record { get; init; }

    /// <summary>Where the writer goes on.</summary>
    [Id(2)] public long NextOrdinal { get; init; }

    /// <summary>To be carried back by this writer's appends, ends and heartbeats.</summary>
    [Id(3)] public long WriterEpoch { get; init; }

    /// <summary>The unfinished episode that this start ended; null = none.</summary>
    [Id(4)] public EpisodeId? Superseded { get; init; }

    /// <summary>With Busy, WorkerBusy and Unavailable: seconds to wait before the next try.</summary>
    [Id(5)] public double RetryAfterSeconds { get; init; }
}

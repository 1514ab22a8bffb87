namespace Rollbook;

/// <summary>A worker: its pointer and the summaries of its last ten ended episodes.</summary>
/// <param name="Code">Ok, or WorkerNotFound where it never started an episode.</param>
/// <param name="Current">The episode that the pointer names while it is unfinished; null = idle.</param>
/// <param name="History">At most ten, oldest first, each durably ended; a lost one that another worker resumed shows as it is now, which may be running.</param>
[GenerateSerializer, Immutable, Alias("rollbook.LoggerView")]
public readonly record struct LoggerView(
    [property: Id(0)] RollbookCode Code,
    [property: Id(1)] EpisodeSummary? Current,
    [property: Id(2)] IReadOnlyList<EpisodeSummary> History);

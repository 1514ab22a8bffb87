namespace Rollbook.Client;

/// <summary>What a worker records now and what it recorded last.</summary>
/// <param name="Worker">Its name.</param>
/// <param name="Current">Its unfinished episode; null = idle.</param>
/// <param name="History">At most ten ended episodes, oldest first.</param>
public sealed record WorkerEpisodes(string Worker, EpisodeSummary? Current, IReadOnlyList<EpisodeSummary> History);

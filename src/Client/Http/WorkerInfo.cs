namespace Rollbook.Client;

/// <summary>A worker: its current episode and its last ten.</summary>
/// <param name="Worker">Its name.</param>
/// <param name="Status"><c>running</c> or <c>idle</c>.</param>
/// <param name="Current">The current episode, or null.</param>
/// <param name="History">Ended episodes, oldest first.</param>
public sealed record WorkerInfo(string Worker, string Status, WorkerEpisode? Current, IReadOnlyList<WorkerEpisode> History);

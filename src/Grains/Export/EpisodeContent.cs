namespace Rollbook.Export;

/// <summary>An episode as it is exported: as it was when its record was read, whatever comes meanwhile.</summary>
/// <param name="Record">The record.</param>
/// <param name="Summary">What is summed over the steps.</param>
/// <param name="Scores">Reads the score events that the record counts, page by page.</param>
/// <param name="Steps">Reads the steps that the record counts, page by page, each time from the start: some formats need them twice.</param>
internal sealed record EpisodeContent(
    EpisodeRecord Record, StepSummary Summary, Func<IAsyncEnumerable<IReadOnlyList<ScoreEvent>>> Scores, Func<IAsyncEnumerable<StepPage>> Steps);

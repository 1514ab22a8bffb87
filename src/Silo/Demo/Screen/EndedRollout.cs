namespace Rollbook.Silo.Demo;

/// <summary>An episode's ending, as the recorder has it.</summary>
/// <param name="EpisodeId">The episode.</param>
/// <param name="Worker">Its worker.</param>
/// <param name="Plan">What was played.</param>
/// <param name="Status"><c>completed</c>, <c>superseded</c>, <c>aborted</c> or <c>lost</c>.</param>
/// <param name="Cause">Why it ended.</param>
/// <param name="Score">The score; null: not scored.</param>
/// <param name="Steps">The number of recorded steps.</param>
internal sealed record EndedRollout(
    string EpisodeId, string Worker, EpisodePlan Plan, string Status, string? Cause, double? Score, long Steps);

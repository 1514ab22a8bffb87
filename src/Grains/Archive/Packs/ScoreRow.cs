using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>A score event, and which frame holds it.</summary>
/// <param name="Episode">The episode, in the file's project.</param>
/// <param name="Event">The event.</param>
/// <param name="Term">The frame's term.</param>
/// <param name="Log">The frame's log.</param>
/// <param name="Chunk">The frame's chunk in that log.</param>
/// <param name="Place">The frame's place in that chunk.</param>
public sealed record ScoreRow(EpisodeId Episode, ScoreEvent Event, long Term, LogId Log, long Chunk, int Place);

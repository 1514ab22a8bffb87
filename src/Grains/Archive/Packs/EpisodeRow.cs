using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>All that is known of an episode besides its steps, and which frame said so.</summary>
/// <param name="Record">The record. Its final score and its labels are the effective ones.</param>
/// <param name="Summary">The sums over its steps.</param>
/// <param name="Term">The frame's term.</param>
/// <param name="Log">The frame's log.</param>
/// <param name="Chunk">The frame's chunk in that log.</param>
/// <param name="Place">The frame's place in that chunk. Of two rows the one with the greater (term, chunk, place) is the newer.</param>
public sealed record EpisodeRow(EpisodeRecord Record, StepSummary Summary, long Term, LogId Log, long Chunk, int Place);

using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>One step on its way into or out of a file.</summary>
/// <param name="Episode">The episode, in the file's project.</param>
/// <param name="Ordinal">Its place in the episode, from 0.</param>
/// <param name="Term">The term of the frame that held it. It counts only if the episode's header names this term and log.</param>
/// <param name="Log">The log that held it.</param>
/// <param name="Chunk">The chunk within the log.</param>
/// <param name="Place">The frame within the chunk.</param>
/// <param name="Entry">The bytes of a <see cref="StepEntry"/>. Valid until the next step is asked for or given.</param>
public readonly record struct PackedStep(EpisodeId Episode, long Ordinal, long Term, LogId Log, long Chunk, int Place, ReadOnlyMemory<byte> Entry);

using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>No pack that counts has the part of a freed chunk that is wanted: the episode was sealed since its header was read. Whoever meets it reads the header again.</summary>
/// <param name="log">The log.</param>
/// <param name="chunk">The chunk.</param>
public sealed class PackReplacedException(LogId log, long chunk) : IOException($"The packs of the log {log} around chunk {chunk} were replaced.");

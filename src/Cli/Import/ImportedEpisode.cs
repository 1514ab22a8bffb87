using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary>A file as the recorder will take it.</summary>
/// <param name="Worker">Whose episode it becomes.</param>
/// <param name="Start">What it starts with, its id not yet chosen.</param>
/// <param name="Steps">One JSON line a step, each with its line end.</param>
/// <param name="EndCause">Why it ended, where the file says so.</param>
/// <param name="FileHash">SHA-256 of the file's bytes.</param>
internal sealed record ImportedEpisode(
    string Worker, EpisodeStart Start, IReadOnlyList<ReadOnlyMemory<byte>> Steps, string? EndCause, byte[] FileHash);

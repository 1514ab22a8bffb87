namespace Rollbook.Cli;

/// <summary>A place of a log that can't be read though it must be.</summary>
/// <param name="Chunk">The first chunk that is missing; -1 where the fence itself is damaged.</param>
/// <param name="File">The file.</param>
/// <param name="Offset">Where in it, in bytes.</param>
/// <param name="Reason">What is wrong there.</param>
/// <param name="BytesBehind">From the place to the end of the last chunk behind it.</param>
internal sealed record LogDamage(long Chunk, string File, long Offset, string Reason, long BytesBehind);

namespace Rollbook.Cli;

/// <summary>A file that is gone or is not what was written.</summary>
/// <param name="File">Its path.</param>
/// <param name="Reason">What is wrong with it.</param>
/// <param name="Cure">What to do.</param>
internal sealed record ArchiveFault(string File, string Reason, string Cure);

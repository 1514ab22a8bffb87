using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>What was read of one log, for each project that has a record in it.</summary>
internal sealed class Stretch(LogId log)
{
    /// <summary>The log.</summary>
    public LogId Log => log;

    /// <summary>The chunk after the last one that was looked at.</summary>
    public required long To { get; set; }

    /// <summary>By the project's name.</summary>
    public Dictionary<string, ProjectStretch> Projects { get; } = new(StringComparer.Ordinal);
}

using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>
/// What one stretch of a log, chunks <see cref="From"/> up to but not including <see cref="To"/>, became for one project. A file without rows is not written. With a
/// <see cref="Day"/> it is a sealed pack: its episodes are whole in it, it lies in the folders of that day, and its log is no silo's but stands for the pack alone.
/// </summary>
public sealed record Pack
{
    /// <summary>The log.</summary>
    public required LogId Log { get; init; }

    /// <summary>The first chunk.</summary>
    public required long From { get; init; }

    /// <summary>The chunk after the last one.</summary>
    public required long To { get; init; }

    /// <summary>When it was made, Unix milliseconds: steps are queried as of the newest one.</summary>
    public required long At { get; init; }

    /// <summary>The day on which its episodes ended, in UTC, where it is sealed; null for a pack of a silo's log.</summary>
    public DateOnly? Day { get; init; }

    /// <summary>A row for each step.</summary>
    public ManifestFile? Steps { get; init; }

    /// <summary>A row for each episode that had ended at the end of the stretch and was touched within it.</summary>
    public ManifestFile? Episodes { get; init; }

    /// <summary>A row for each score event.</summary>
    public ManifestFile? Scores { get; init; }

    /// <summary>The frames that are no steps, byte for byte: claims, endings, scores, labels.</summary>
    public ManifestFile? Frames { get; init; }

    /// <summary>Whether a chunk of a log went into it.</summary>
    public bool Holds(LogId log, long chunk) => Log == log && From <= chunk && chunk < To;

    /// <summary>Its files.</summary>
    public IEnumerable<ManifestFile> Files
    {
        get
        {
            if (Steps is not null) yield return Steps;
            if (Episodes is not null) yield return Episodes;
            if (Scores is not null) yield return Scores;
            if (Frames is not null) yield return Frames;
        }
    }
}

using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>What names a pack within a project.</summary>
/// <param name="Log">The log.</param>
/// <param name="From">Its first chunk.</param>
/// <param name="To">The chunk after its last one.</param>
public readonly record struct PackRange(LogId Log, long From, long To)
{
    /// <summary>The range of a pack.</summary>
    public static PackRange Of(Pack pack) => new(pack.Log, pack.From, pack.To);
}

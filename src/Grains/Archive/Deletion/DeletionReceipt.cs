using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>What became of a deletion.</summary>
/// <param name="Receipt">Its id.</param>
/// <param name="Episodes">How many episodes it has.</param>
/// <param name="Steps">How many steps they had.</param>
/// <param name="Bytes">About how many bytes of files they were.</param>
/// <param name="RequestedAt">Unix milliseconds.</param>
/// <param name="ErasedAt">When no file of the archive had anything of them any more, Unix milliseconds; null = pending.</param>
internal sealed record DeletionReceipt(LogId Receipt, long Episodes, long Steps, long Bytes, long RequestedAt, long? ErasedAt)
{
    /// <summary>Of a deletion that is not final.</summary>
    public static DeletionReceipt Of(Deletion deletion) => new(deletion.Receipt, deletion.Episodes.Count, deletion.Steps, deletion.Bytes, deletion.At, null);
}

using System.Text;
using Rollbook.StepLog;

namespace Rollbook.Cli;

/// <summary>Ends a damaged log before its damage, so that the recorder can start again with what can be read.</summary>
/// <remarks>
/// It writes the fence that the next start would have written, but at the damage, and a record of what was given up beside it. No segment
/// file is changed: what is behind stays for whoever can read it.
/// </remarks>
internal sealed class LogRepair(IDiskFiles files, LocalPaths paths, TimeProvider time)
{
    /// <summary>Why a log can't be repaired; null where it can.</summary>
    public static string? Refusal(LogReport report) => report switch
    {
        { Ending: LogEnding.OtherFormat } => "its format is of another release: nothing is damaged. Run that release.",
        { Fence: not null } => $"it was fenced at {report.Fence.Value.Fence} before it was damaged, and a fence is never moved. Put the file back from a copy.",
        _ => null,
    };

    public void Cut(LogReport report)
    {
        if (Refusal(report) is { } reason)
            throw new InvalidOperationException(reason);

        // The record first: a fence without it would be a loss that nobody can read about.
        var stamp = time.GetUtcNow().ToUnixTimeMilliseconds();
        StepLog.WholeFile.Write(files, Path.Combine(paths.Log(report.Log), $"repair-{stamp}.json"), Encoding.UTF8.GetBytes(LogReports.Json(report) + "\n"));
        var fence = paths.Fence(report.Log);
        if (report.Damage!.Chunk < 0)
        {
            files.Move(fence, $"{fence}.damaged-{stamp}");
            files.FlushDirectory(paths.Log(report.Log));
        }

        FenceFile.Write(files, paths, report.Log, new LogEnd(report.NextChunk, report.Damage.BytesBehind));
    }
}

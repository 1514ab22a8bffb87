using Microsoft.Win32.SafeHandles;
using Rollbook.StepLog;

namespace Rollbook.Cli;

/// <summary>A data directory that no recorder uses, held so that none begins to. Only its lock file is touched, and only to lock it.</summary>
internal sealed class StoppedDirectory : IDisposable
{
    private readonly SafeFileHandle? _lock;

    private StoppedDirectory(LocalPaths paths, SafeFileHandle? held)
    {
        Paths = paths;
        _lock = held;
    }

    public LocalPaths Paths { get; }

    /// <summary>The logs in it, oldest first.</summary>
    public IReadOnlyList<LogId> Logs => DiskFiles.Instance.List(Paths.Wal)
        .Select(name => LogId.TryParse(name, out var log) ? log : (LogId?)null)
        .OfType<LogId>().Order().ToList();

    public static StoppedDirectory Open(string directory)
    {
        var paths = new LocalPaths(Path.GetFullPath(directory));
        if (!Directory.Exists(paths.Data))
            throw new CliException(ExitCode.NotFound, "not_found", $"There is no directory '{paths.Data}'. Name the one that the recorder was started with (--data DIR).");

        var file = Path.Combine(paths.Data, "rollbook.lock");
        if (!File.Exists(file))
        {
            // A copy may lack it; what has neither is something else.
            return Directory.Exists(paths.Wal)
                ? new StoppedDirectory(paths, null)
                : throw new CliException(ExitCode.NotFound, "not_found", $"'{paths.Data}' is no data directory: it has no 'wal' in it. Name the one that the recorder was started with (--data DIR).");
        }

        SafeFileHandle? held = null;
        try
        {
            held = File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.None);
        }
        catch (IOException)
        {
            throw InUse(paths.Data);
        }

        // The runtime's own lock can be switched off from outside.
        if (NativeDisk.TryLock(held))
            return new StoppedDirectory(paths, held);
        held.Dispose();
        throw InUse(paths.Data);
    }

    /// <summary>The length of a log's files.</summary>
    public long Bytes(LogId log) => Paths.Segments(DiskFiles.Instance, log).Sum(segment => new FileInfo(Paths.Segment(log, segment)).Length);

    public void Dispose() => _lock?.Dispose();

    private static CliException InUse(string data) => new(
        ExitCode.Failed, "in_use", $"A recorder uses '{data}'. Stop it first, or work on a copy of the directory.");
}

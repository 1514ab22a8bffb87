using System.Globalization;
using Rollbook.StepLog;

namespace Rollbook.Cli;

/// <summary>Looks at a data directory, of a running recorder or a stopped one. Writes nothing.</summary>
internal sealed class DirectoryChecks(string directory)
{
    private const long MiB = 1 << 20;

    // A log reserves the next segment while it fills one; below that a recorder of two segments (64 MiB each) soon answers "busy".
    private const long FailBelow = 128 * MiB;
    private const long WarnBelow = 1024 * MiB;

    private static readonly UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly LocalPaths _paths = new(Path.GetFullPath(directory));

    public IEnumerable<Check> Run()
    {
        if (!Directory.Exists(_paths.Data))
        {
            yield return new Check("directory", CheckState.Fail, $"there is no directory '{_paths.Data}'", "Name the one that the recorder was started with (--data DIR).");
            yield break;
        }

        yield return Content();
        yield return Lock();
        yield return FileSystem();
        yield return Space();
        if (!OperatingSystem.IsWindows())
            yield return Permissions();
    }

    private Check Content()
    {
        if (!Directory.Exists(_paths.Wal))
            return new Check("directory", CheckState.Warn, $"'{_paths.Data}' has no 'wal' in it: no recorder has used it yet", "Name the one that the recorder was started with (--data DIR).");
        var logs = DiskFiles.Instance.List(_paths.Wal).Count(name => LogId.TryParse(name, out _));
        return File.Exists(Path.Combine(_paths.Data, "rollbook.db"))
            ? new Check("directory", CheckState.Ok, string.Create(CultureInfo.InvariantCulture, $"'{_paths.Data}' holds {logs} {(logs == 1 ? "log" : "logs")} and the database"))
            : new Check("directory", CheckState.Fail, $"'{_paths.Data}' has logs but no rollbook.db", "Bring rollbook.db back from where it was moved or from a backup; without it no episode can be found.");
    }

    private Check Lock()
    {
        var file = Path.Combine(_paths.Data, "rollbook.lock");
        if (!File.Exists(file))
            return new Check("lock", CheckState.Ok, "free: no recorder has used it yet");
        try
        {
            using var held = File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.None);
            if (NativeDisk.TryLock(held))
                return new Check("lock", CheckState.Ok, "free: no recorder uses it now");
        }
        catch (UnauthorizedAccessException)
        {
            return new Check("lock", CheckState.Fail, $"'{file}' can't be opened by {Environment.UserName}", "Run this as the user that the recorder runs as.");
        }
        catch (IOException)
        {
            // Held: told below.
        }

        return new Check("lock", CheckState.Ok, $"held by a running recorder{Owner()}");
    }

    private string Owner()
    {
        try
        {
            return File.ReadAllText(Path.Combine(_paths.Data, "rollbook.owner")).Split(' ', '\n') is [var process, ..] && int.TryParse(process, out var id)
                ? $" (process {id})"
                : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private Check FileSystem()
    {
        var format = new DriveInfo(_paths.Data).DriveFormat;
        return DataDirectoryCheck.IsUnsafe(format)
            ? new Check(
                "file_system", CheckState.Warn, $"'{format}' does not promise that acknowledged steps survive a power cut",
                "Put the directory on a local disk (in a container: on a volume). The recorder starts here only with Rollbook__LocalStepLog__AllowUnsafeFileSystem=true.")
            : new Check("file_system", CheckState.Ok, format);
    }

    private Check Space()
    {
        var drive = new DriveInfo(_paths.Data);
        var free = drive.AvailableFreeSpace;
        var text = string.Create(CultureInfo.InvariantCulture, $"{free / (double)(1 << 30):0.0} GiB free of {drive.TotalSize / (double)(1 << 30):0.0} GiB");
        const string Cure = "Free some, or move the directory to a larger disk. When it is full, the recorder answers 429 and goes on by itself once there is room.";
        return free < FailBelow ? new Check("space", CheckState.Fail, text, Cure)
            : free < WarnBelow ? new Check("space", CheckState.Warn, text, Cure)
            : new Check("space", CheckState.Ok, text);
    }

    private Check Permissions()
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException();

        var mode = File.GetUnixFileMode(_paths.Data);
        var octal = Convert.ToString((int)mode & 511, 8);
        if ((mode & UnixFileMode.OtherWrite) != 0 && (mode & UnixFileMode.StickyBit) == 0)
            return new Check("permissions", CheckState.Fail, $"everybody on this machine can delete what is recorded (mode {octal})", $"chmod o-w '{_paths.Data}'");
        return (mode & Others) != 0
            ? new Check("permissions", CheckState.Warn, $"other users of this machine can read what is recorded (mode {octal})", $"chmod 700 '{_paths.Data}', if they are not meant to")
            : new Check("permissions", CheckState.Ok, $"only its owner can read it (mode {octal})");
    }
}

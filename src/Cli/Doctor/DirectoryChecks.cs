using System.Globalization;
using Rollbook.Doctor;
using Rollbook.StepLog;

namespace Rollbook.Cli;

/// <summary>Looks at a data directory, of a running recorder or a stopped one. Writes nothing.</summary>
internal sealed class DirectoryChecks(string directory)
{
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
        var look = new DataDirectory(_paths.Data);
        yield return look.FileSystem();
        yield return look.Space(reserve: 0);
        if (!OperatingSystem.IsWindows())
            yield return look.Permissions();
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
}

using System.CommandLine;
using Rollbook.Archive;
using Rollbook.StepLog;
using Spectre.Console;

namespace Rollbook.Cli;

/// <summary><c>rollbook verify</c>: proves the logs and the archive of a stopped data directory.</summary>
internal static class VerifyCommand
{
    private const string About = """
        Check every chunk, frame and archived file of a stopped data directory.

        Reads all logs, proves every checksum and the chain of the chunks, and tells how each log ends: clean, with a torn tail (a write that was cut and
        never acknowledged), fenced, or corrupt and where. Then hashes every file that the archive's manifests list and compares it with its SHA-256,
        length and number of rows, and proves the indexes that lead to them; each file that is missing or not what was written is named with its cure.
        Nothing is written. The exit code is 1 if anything is not good.

        Examples:
          rollbook verify /var/lib/rollbook
          rollbook verify /var/lib/rollbook --json | jq 'select(.end == "corrupt")'
          rollbook verify /backup/rollbook --json | jq -r '.faults[]? | .file'
        """;

    public static Command Create(ConnectionOptions connection, CliHost host)
    {
        var directory = new Argument<string>("DIR") { Description = "The data directory. The recorder must be stopped; else check a copy." };
        var command = DetailedHelp.NewCommand("verify", About);
        command.Add(directory);
        command.SetAction(parsed =>
        {
            using var stopped = StoppedDirectory.Open(parsed.GetRequiredValue(directory));
            var reports = Check(stopped, host);
            var archive = CheckArchive(stopped, reports, host);
            var json = parsed.GetValue(connection.Json);
            if (json)
            {
                LogReports.WriteJson(host.Out, reports);
                ArchiveReports.WriteJson(host.Out, archive);
            }
            else
            {
                LogReports.WriteTable(connection.Console(parsed), reports);
                ArchiveReports.WriteText(connection.Console(parsed), archive);
            }

            if (!json && reports.Any(report => report.Ending == LogEnding.Corrupt))
                host.Out.WriteLine($"To go on without what is lost: rollbook repair {stopped.Paths.Data}");
            return reports.All(report => report.IsGood) && archive.All(report => report.IsGood) ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    /// <summary>Checks all logs, under a bar where the standard error is a terminal.</summary>
    public static IReadOnlyList<LogReport> Check(StoppedDirectory directory, CliHost host)
    {
        var reports = new List<LogReport>();
        void Run(ProgressTask? progress)
        {
            foreach (var log in directory.Logs)
            {
                var before = progress?.Value ?? 0;
                reports.Add(new LogCheck(DiskFiles.Instance, directory.Paths, log, bytes => progress?.Increment(bytes)).Run());
                // Prepared space behind the end was looked at too.
                if (progress is not null)
                    progress.Value = before + directory.Bytes(log);
            }
        }

        UnderBar(host, "verify", directory.Logs.Sum(directory.Bytes), Run);
        return reports;
    }

    private static IReadOnlyList<ArchiveReport> CheckArchive(StoppedDirectory directory, IReadOnlyList<LogReport> logs, CliHost host)
    {
        var archive = new ArchiveDirectory(directory.Paths.Data);
        var reports = new List<ArchiveReport>();
        UnderBar(host, "archive", archive.Bytes, progress =>
        {
            var manifests = new List<Manifest>();
            foreach (var project in archive.Projects())
            {
                var check = new ArchiveCheck(archive, project, bytes => progress?.Increment(bytes));
                reports.Add(check.Run());
                if (check.Manifest is { } manifest) manifests.Add(manifest);
            }

            // Without a project's manifest nobody knows what is freed.
            if (reports.Count > 0) reports.Add(new IndexCheck(directory.Paths, logs, manifests).Run());
        });
        return reports;
    }

    private static void UnderBar(CliHost host, string name, long bytes, Action<ProgressTask?> run)
    {
        if (host.ErrorIsTerminal)
            host.ErrorConsole().Progress().AutoClear(true).Start(context => run(context.AddTask(name, maxValue: Math.Max(1, bytes))));
        else
            run(null);
    }
}

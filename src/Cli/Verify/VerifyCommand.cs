using System.CommandLine;
using Rollbook.StepLog;
using Spectre.Console;

namespace Rollbook.Cli;

/// <summary><c>rollbook verify</c>: proves the logs of a stopped data directory.</summary>
internal static class VerifyCommand
{
    private const string About = """
        Check every chunk and frame of a stopped data directory.

        Reads all logs, proves every checksum and the chain of the chunks, and tells how each log ends: clean, with a torn tail (a write that was cut and
        never acknowledged), fenced, or corrupt and where. Nothing is written. The exit code is 1 if anything is corrupt.

        Examples:
          rollbook verify /var/lib/rollbook
          rollbook verify /var/lib/rollbook --json | jq 'select(.end == "corrupt")'
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
            var json = parsed.GetValue(connection.Json);
            if (json)
                LogReports.WriteJson(host.Out, reports);
            else
                LogReports.WriteTable(connection.Console(parsed), reports);

            if (!json && reports.Any(report => report.Ending == LogEnding.Corrupt))
                host.Out.WriteLine($"To go on without what is lost: rollbook repair {stopped.Paths.Data}");
            return reports.All(report => report.IsGood) ? ExitCode.Ok : ExitCode.Failed;
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

        if (host.ErrorIsTerminal)
        {
            host.ErrorConsole().Progress().AutoClear(true).Start(context => Run(context.AddTask("verify", maxValue: Math.Max(1, directory.Logs.Sum(directory.Bytes)))));
        }
        else
        {
            Run(null);
        }

        return reports;
    }
}

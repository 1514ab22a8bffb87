using System.CommandLine;
using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary>The command line as a whole: commands, and how every failure becomes a message and an exit code.</summary>
internal static class RollbookCli
{
    private const string About = """
        Exit codes: 0 done, 1 some of it failed or was refused, 2 wrong usage, 3 the recorder can't be reached, 4 not found, 130 interrupted.

        Examples:
          rollbook doctor                  is the recorder there and well?
          rollbook import runs/            record all SWE-agent trajectories below a directory
          rollbook ls --status running     what is being recorded
          rollbook stats --group-by task --k 1,8
          rollbook sql "SELECT task, avg(final_score) FROM episodes GROUP BY task"
          rollbook show host.0             what a worker does now, or did last
          rollbook tail 01K8M3Z4Q0…        follow an episode while it runs
          rollbook score 01K8M3Z4Q0… --value 0.9 --source unit-tests
          rollbook export 01K8M3Z4Q0… --format jsonl --output episode.jsonl
          rollbook verify /var/lib/rollbook            check a stopped recorder's files
        """;

    public static async Task<int> RunAsync(string[] args, CliHost host, CancellationToken cancellationToken = default)
    {
        var options = new ConnectionOptions(host);
        var root = new RootCommand("Records, reads and checks rollouts.")
        {
            options.Url,
            options.ApiKey,
            options.Json,
            options.Color,
            ImportCommand.Create(options, host),
            ListCommand.Create(options, host),
            ShowCommand.Create(options, host),
            TailCommand.Create(options, host),
            ReplayActionsCommand.Create(options, host),
            ExportCommand.Create(options, host),
            StatsCommand.Create(options, host),
            SqlCommand.Create(options, host),
            ScoreCommand.Create(options, host),
            LabelCommand.Create(options, host),
            DeleteCommand.Create(options, host),
            KeysCommand.Create(options, host),
            AuditCommand.Create(options, host),
            VerifyCommand.Create(options, host),
            RepairCommand.Create(options, host),
            DoctorCommand.Create(options, host),
            CompletionCommand.Create(host),
            BenchCommand.Create(options, host),
        };

        DetailedHelp.Install(root, About);
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                Report(host, parsed, "usage", error.Message);
            if (!IsJson(parsed))
                await host.Error.WriteLineAsync($"Try '{CommandLine(parsed)} --help'.");
            return ExitCode.Usage;
        }

        try
        {
            var configuration = new InvocationConfiguration
            {
                Output = host.Out,
                Error = host.Error,
                EnableDefaultExceptionHandler = false,
            };
            return await parsed.InvokeAsync(configuration, cancellationToken);
        }
        catch (CliException e)
        {
            Report(host, parsed, e.Code, e.Message);
            return e.ExitCode;
        }
        catch (RollbookException e)
        {
            Report(host, parsed, e.Code, e.Message);
            return e.Code switch
            {
                RollbookException.Unreachable => ExitCode.Unreachable,
                "episode_not_found" or "worker_not_found" or "episode_deleted" or "deletion_not_found" or "key_not_found" => ExitCode.NotFound,
                _ => ExitCode.Failed,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Report(host, parsed, "io", e.Message);
            return ExitCode.Failed;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        finally
        {
            await host.Out.FlushAsync(CancellationToken.None);
        }
    }

    private static void Report(CliHost host, ParseResult parsed, string code, string message) => CliMessages.Error(host, IsJson(parsed), code, message);

    // Not GetValue: it throws where the command line has errors.
    private static bool IsJson(ParseResult parsed) => parsed.GetResult("--json") is System.CommandLine.Parsing.OptionResult { Implicit: false };

    private static string CommandLine(ParseResult parsed) =>
        parsed.CommandResult.Command is RootCommand ? "rollbook" : $"rollbook {parsed.CommandResult.Command.Name}";
}

using System.CommandLine;
using System.Text;
using Rollbook.Access;

namespace Rollbook.Cli;

/// <summary><c>rollbook audit</c>: proves and shows the audit log of a data directory.</summary>
internal static class AuditCommand
{
    private const string About = """
        Prove the audit log of a data directory, and show it.

        Each line holds the hash of the line before, so a line that was changed, dropped or put in is found: the command names the first one that is wrong, and
        exits with 1. Lines that were cut off at the end leave no trace within the file: keep the last hash that this command printed somewhere else, and give it
        with --head, and it is told whether the log still holds it. Works while the recorder runs.

        Examples:
          rollbook audit /var/lib/rollbook
          rollbook audit /var/lib/rollbook --json | jq 'select(.what == "key.created")'
          rollbook audit /var/lib/rollbook --head 5d41402abc4b2a76b9719d911017c592ae1f7a6e7b1d4f7c0c7a2f1f2d3e4b5a
        """;

    public static Command Create(ConnectionOptions connection, CliHost host)
    {
        var directory = new Argument<string>("DIR") { Description = "The recorder's data directory." };
        var head = new Option<string?>("--head") { Description = "A hash that the log must hold: one that an earlier run printed.", HelpName = "HASH" };
        var command = DetailedHelp.NewCommand("audit", About);
        command.Add(directory);
        command.Add(head);
        command.SetAction(async (parsed, _) =>
        {
            var json = parsed.GetValue(connection.Json);
            var path = AuditFile.PathIn(parsed.GetRequiredValue(directory));
            if (!File.Exists(path))
                throw new CliException(ExitCode.NotFound, "not_found", $"There is no audit log at '{path}'. Name the data directory of a recorder.");

            var wanted = parsed.GetValue(head);
            var held = wanted is null || wanted == AuditChain.Start;
            var lines = new List<string>();
            var log = AuditFile.Read(path, (line, hash) =>
            {
                held |= string.Equals(hash, wanted, StringComparison.OrdinalIgnoreCase);
                lines.Add(Encoding.UTF8.GetString(line.Span));
            });
            foreach (var line in lines)
                await host.Out.WriteLineAsync(host.OutIsTerminal ? TerminalText.EscapeJson(line) : line);
            if (log.Torn)
                CliMessages.Note(host, json, "the last line is not whole: it is being written, or a crash has cut it, and then it was never acknowledged");
            if (log.Fault is { } fault)
                throw new CliException(ExitCode.Failed, "changed", $"Line {fault} is not the one that was written there. The {log.Entries} lines before it are proved, up to the hash {log.Head}.");
            if (!held)
                throw new CliException(ExitCode.Failed, "cut", $"The log is whole in itself, but holds no line with the hash {wanted}: lines were cut off, or all were written anew.");
            CliMessages.Note(host, json, $"{log.Entries} lines proved; the last hash is {log.Head}");
            return ExitCode.Ok;
        });
        return command;
    }
}

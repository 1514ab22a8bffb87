using System.CommandLine;
using Rollbook.Doctor;
using Spectre.Console;

namespace Rollbook.Cli;

/// <summary><c>rollbook doctor</c>: is the recorder there and well, and is its directory?</summary>
internal static class DoctorCommand
{
    private const string About = """
        Check a recorder, and with --data the directory that it writes to.

        Recorder: is it reachable, does it take writes, do both clocks agree, does it have the routes that this program calls, is it of the same release.
        Its own report, each line named silo.…: log, recovery, archive, storage, the silos' clocks, configuration.
        Directory: is it one, who holds it, its file system, free space, permissions. It may be in use; nothing is written.
        Each line says ok, warn or fail, and what to do. The exit code is 0 with warnings, 1 if anything failed, 3 if no recorder answered.
        To prove every recorded byte of a stopped recorder: rollbook verify DIR.

        Examples:
          rollbook doctor
          rollbook doctor --url http://recorder:5080 --data /var/lib/rollbook
          rollbook doctor --json | jq -r 'select(.state != "ok") | .cure'
        """;

    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(3);

    public static Command Create(ConnectionOptions connection, CliHost host)
    {
        var data = new Option<string?>("--data") { Description = "The recorder's data directory, on this machine.", HelpName = "DIR" };
        var command = DetailedHelp.NewCommand("doctor", About);
        command.Add(data);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = connection.Connect(parsed, GiveUpAfter);
            var json = parsed.GetValue(connection.Json);
            var console = connection.Console(parsed);
            var failed = new List<string>();
            await foreach (var check in new RecorderChecks(client, parsed.GetRequiredValue(connection.Url), host.Time).RunAsync(cancellationToken))
                Tell(check);
            foreach (var check in failed.Contains("reachable") ? [] : await new SiloChecks(client).RunAsync(cancellationToken))
                Tell(check);
            foreach (var check in parsed.GetValue(data) is { } directory ? new DirectoryChecks(directory).Run() : [])
                Tell(check);
            return failed.Contains("reachable") ? ExitCode.Unreachable : failed.Count > 0 ? ExitCode.Failed : ExitCode.Ok;

            void Tell(Check check)
            {
                if (check.State == CheckState.Fail)
                    failed.Add(check.Name);
                if (json)
                    host.Out.WriteLine(Json(check));
                else
                    Write(console, check);
                host.Out.Flush();
            }
        });
        return command;
    }

    private static void Write(IAnsiConsole console, Check check)
    {
        var style = check.State switch { CheckState.Ok => Color.Green, CheckState.Warn => Color.Yellow, _ => Color.Red };
        console.Write(new Text($"{Name(check.State),-5}", new Style(style)));
        // One line each, whatever the width: lines that a script may read must not wrap.
        console.Profile.Out.Writer.WriteLine($" {check.Name,-18} {TerminalText.OneLine(check.Text, 500)}");
        if (check.Cure is not null)
            console.Profile.Out.Writer.WriteLine($"{"",-24} → {TerminalText.OneLine(check.Cure, 500)}");
    }

    private static string Json(Check check) => CliJson.Line(writer =>
    {
        writer.WriteString("check", check.Name);
        writer.WriteString("state", Name(check.State));
        writer.WriteString("text", check.Text);
        if (check.Cure is not null)
            writer.WriteString("cure", check.Cure);
    });

    private static string Name(CheckState state) => state switch { CheckState.Ok => "ok", CheckState.Warn => "warn", _ => "fail" };
}

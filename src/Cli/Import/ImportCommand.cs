using System.CommandLine;

namespace Rollbook.Cli;

/// <summary><c>rollbook import</c>: records trajectory files.</summary>
internal static class ImportCommand
{
    private const string About = """
        Record trajectory files, and all of them below a directory.

        SWE-agent's .traj: a file becomes an episode: worker = the file's name, task and group = its instance, action_type = the first word of a command.
        Observations and commands are kept byte for byte.
        What 'rollbook export --format jsonl' or '--format atif' wrote, one episode or many: the same episodes again, under their own ids, with their
        times, steps byte for byte, endings, scores and labels. Below a directory, .jsonl files that are something else are left alone, and of .json
        files only .atif.json are taken.
        Importing a file again changes nothing; an import that was cut off is completed by the next. A bad file is named and skipped; the exit code is
        then 1.

        --spool sends what Python clients wrote down while the recorder was away: the files of ROLLBOOK_SPOOL, or of the given directories. A file is
        deleted when all of it is recorded; what the recorder refuses for good goes to a .refused file beside it. A file that a live process still
        holds is left to that process.

        Examples:
          rollbook import trajectories/my-run/
          rollbook import a.traj b.traj --variant window100
          rollbook import runs/ --json | jq -r 'select(.error) | .file'
          rollbook export --worker host.0 --format atif -o run.jsonl && rollbook import run.jsonl --url http://other:5080
          rollbook import --spool /var/spool/rollbook
        """;

    // A restart of the recorder should not end a long import.
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(60);

    public static Command Create(ConnectionOptions connection, CliHost host)
    {
        var paths = new Argument<string[]>("PATH")
        {
            Description = "Files, or directories to search for .traj, .jsonl and .atif.json files.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var variant = new Option<string?>("--variant")
        {
            Description = "The variant of all episodes. Default: what stands behind the instance in a file's name, as in owner__repo-12__VARIANT.traj.",
            HelpName = "NAME",
        };
        var worker = new Option<string?>("--worker") { Description = "The worker of all episodes. Default: as the files say.", HelpName = "NAME" };
        var spool = new Option<bool>("--spool") { Description = "The paths are spool directories or files of the Python client. Default path: ROLLBOOK_SPOOL." };
        var command = DetailedHelp.NewCommand("import", About);
        command.Add(paths);
        command.Add(variant);
        command.Add(worker);
        command.Add(spool);
        command.Validators.Add(result =>
        {
            var isSpool = result.GetValue(spool);
            if (!isSpool && result.GetResult(paths) is not { Tokens.Count: > 0 })
                result.AddError("Name the files or directories to import.");
            if (isSpool && (result.GetResult(variant) is not null || result.GetResult(worker) is not null))
                result.AddError("A spool says for itself whose its episodes are: leave --worker and --variant away.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var json = parsed.GetValue(connection.Json);
            if (parsed.GetValue(spool))
            {
                var spools = SpoolPaths.Find(parsed.GetRequiredValue(paths), host);
                await ProbeAsync(connection, parsed, cancellationToken);
                using var sender = connection.Connect(parsed, GiveUpAfter);
                return await SpoolImport.RunAsync(sender, spools, new SpoolReport(host, json), cancellationToken);
            }

            var files = await TrajectoryPaths.FindAsync(parsed.GetRequiredValue(paths), cancellationToken);
            if (files.Count == 0)
                throw new CliException(ExitCode.NotFound, "not_found", "There is no .traj file and no exported .jsonl or .atif.json below the given paths. Name the files themselves if they are called otherwise.");

            await ProbeAsync(connection, parsed, cancellationToken);
            using var client = connection.Connect(parsed, GiveUpAfter);
            var import = new FileImport(client, parsed.GetValue(variant), parsed.GetValue(worker), new ImportReport(host, json));
            return await import.RunAsync(files, cancellationToken);
        });
        return command;
    }

    // A wrong address is told at once, not after the patience of an import.
    private static async Task ProbeAsync(ConnectionOptions connection, ParseResult parsed, CancellationToken cancellationToken)
    {
        using var probe = connection.Connect(parsed, TimeSpan.FromSeconds(3));
        await probe.WaitUntilReadyAsync(cancellationToken);
    }
}

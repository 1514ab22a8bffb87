using System.CommandLine;
using Rollbook.Client;
using Spectre.Console;

namespace Rollbook.Cli;

/// <summary><c>rollbook import</c>: records trajectory files.</summary>
internal static class ImportCommand
{
    private const string About = """
        Record SWE-agent .traj files, and all of them below a directory.

        A file becomes an episode: worker = the file's name, task and group = its instance, action_type = the first word of a command. Observations and
        commands are kept byte for byte. Importing a file again changes nothing; an import that was cut off is completed by the next.
        A bad file is named and skipped; the exit code is then 1.

        Examples:
          rollbook import trajectories/my-run/
          rollbook import a.traj b.traj --variant window100
          rollbook import runs/ --json | jq -r 'select(.error) | .file'
        """;

    // A restart of the recorder should not end a long import.
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(60);

    public static Command Create(ConnectionOptions connection, CliHost host)
    {
        var paths = new Argument<string[]>("PATH")
        {
            Description = "Files, or directories to search for .traj files.",
            Arity = ArgumentArity.OneOrMore,
        };
        var variant = new Option<string?>("--variant")
        {
            Description = "The variant of all episodes. Default: what stands behind the instance in a file's name, as in owner__repo-12__VARIANT.traj.",
            HelpName = "NAME",
        };
        var command = DetailedHelp.NewCommand("import", About);
        command.Add(paths);
        command.Add(variant);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var files = TrajectoryPaths.Find(parsed.GetRequiredValue(paths));
            if (files.Count == 0)
                throw new CliException(ExitCode.NotFound, "not_found", "There is no .traj file below the given paths. Name the files themselves if they are called otherwise.");

            // A wrong address is told at once, not after the patience of an import.
            using (var probe = connection.Connect(parsed, TimeSpan.FromSeconds(3)))
                await probe.WaitUntilReadyAsync(cancellationToken);
            using var client = connection.Connect(parsed, GiveUpAfter);
            var report = new ImportReport(host, parsed.GetValue(connection.Json));
            try
            {
                await report.WithProgressAsync(files.Count, progress => RunAsync(client, files, parsed.GetValue(variant), report, progress, cancellationToken));
            }
            finally
            {
                report.Finish();
            }

            return report.Failed > 0 ? ExitCode.Failed : ExitCode.Ok;
        });
        return command;
    }

    private static async Task RunAsync(
        RollbookHttpClient client, IReadOnlyList<string> files, string? variant, ImportReport report, ProgressTask? progress,
        CancellationToken cancellationToken)
    {
        var importer = new EpisodeImporter(client);
        foreach (var file in files)
        {
            progress?.Description(TerminalText.OneLine(Path.GetFileName(file), 40).EscapeMarkup());
            try
            {
                var episode = TrajectoryFile.Read(file, await ReadAsync(file, cancellationToken), variant);
                var id = await importer.ImportAsync(episode, _ => { }, cancellationToken);
                report.Imported(file, id, episode.Steps.Count);
            }
            catch (ImportException e)
            {
                report.Refused(file, e.Message);
            }
            catch (RollbookException e) when (e.Code != RollbookException.Unreachable)
            {
                report.Refused(file, $"the recorder refused it: {e.Message} ({e.Code})");
            }
            catch (RollbookException e)
            {
                report.Refused(file, e.Message);
                throw;
            }

            progress?.Increment(1);
        }
    }

    private static async Task<byte[]> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(file, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImportException(e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file." : e.Message);
        }
    }
}

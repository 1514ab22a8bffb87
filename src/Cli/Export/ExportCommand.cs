using System.CommandLine;
using Rollbook.Client;
using Rollbook.Export;

namespace Rollbook.Cli;

/// <summary><c>rollbook export</c>: episodes as files.</summary>
internal static class ExportCommand
{
    private const string About = """
        Write episodes to files, every value as it was recorded.

        reference: the trajectory of a single-process recorder, without the fields that it doesn't know; a JSON object an episode.
        jsonl: all of it; a line with the record, then a line a step.
        atif: all of it as ATIF-v1.8; a document an episode. 'rollbook import' makes the same episode again of jsonl and of atif.
        sts: for the trace viewer of the Hugging Face Hub. traj: SWE-agent's trajectory.

        Several episodes go into one file, ordered by their ids: their lines one behind another, and for sts and traj a zip archive. Where --output is
        a directory, or ends with a slash, each gets a file of its own. A file appears whole or not at all; what several episodes left unfinished is
        FILE.part, and --resume goes on behind the last whole episode in it, or, in a directory, leaves the files alone that are there.

        Examples:
          rollbook export host.0 --output episode.json
          rollbook export 01K8M3Z4Q0R5T6V7W8X9Y0Z1A2 --format jsonl | gzip > episode.jsonl.gz
          rollbook export --worker host.0 --worker host.1 --format atif -o run.atif.jsonl
          rollbook export --worker host.0 --format sts -o traces/ --resume
          rollbook export host.0 --format jsonl -o episode.jsonl --blobs values
        """;

    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(30);

    public static Command Create(ConnectionOptions connection, CliHost host)
    {
        var names = EpisodeName.NewArguments();
        var workers = new Option<string[]>("--worker") { Description = "All that a worker's history holds: its current episode and its last ten. May be repeated.", HelpName = "NAME" };
        var format = new Option<string>("--format") { Description = $"{ExportForm.Names}.", HelpName = "FORMAT", DefaultValueFactory = _ => "reference" };
        format.AcceptOnlyFromAmong([.. ExportForm.All.Select(form => form.Name)]);
        var output = new Option<string?>("--output", "-o") { Description = "The file or directory to write. Default: the standard output.", HelpName = "FILE|DIR" };
        var force = new Option<bool>("--force") { Description = "Replace files that exist." };
        var resume = new Option<bool>("--resume") { Description = "Go on where an export to the same file or directory was broken off." };
        var blobs = new Option<string?>("--blobs") { Description = "Download the large values that the steps name, too, into files named by their hashes.", HelpName = "DIR" };
        var command = DetailedHelp.NewCommand("export", About);
        command.Add(names);
        command.Add(workers);
        command.Add(format);
        command.Add(output);
        command.Add(force);
        command.Add(resume);
        command.Add(blobs);
        command.Validators.Add(result =>
        {
            if (result.GetResult(names) is not { Tokens.Count: > 0 } && result.GetResult(workers) is null)
                result.AddError("Name the episodes to export: by an id, by a worker's name for what it does now or did last, or by --worker for all that its history holds.");
            if (result.GetValue(resume) && result.GetResult(output) is null)
                result.AddError("--resume needs --output: the file or directory to go on with.");
            if (result.GetValue(resume) && result.GetValue(force))
                result.AddError("--resume goes on with what is there and --force replaces it: leave one of them away.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = connection.Connect(parsed, GiveUpAfter);
            var form = ExportForm.Find(parsed.GetValue(format))!;
            var path = parsed.GetValue(output) is "-" ? null : parsed.GetValue(output);
            var report = new ExportReport(host, parsed.GetValue(connection.Json), toFile: path is not null);
            var existing = parsed.GetValue(resume) ? Existing.Resume : parsed.GetValue(force) ? Existing.Replace : Existing.Refuse;
            if (path is not null && !IsDirectory(path))
                PartFile.Check(path, existing);

            var episodes = await ExportSelection.FindAsync(client, parsed.GetValue(names) ?? [], parsed.GetValue(workers) ?? [], cancellationToken);
            var target = Target(client, form, path, existing, episodes.Count, host);
            try
            {
                await report.WithProgressAsync(episodes, async () =>
                {
                    await target.WriteAsync(episodes, report, cancellationToken);
                    if (parsed.GetValue(blobs) is { } directory)
                        report.Blobs(directory, await BlobDownload.RunAsync(client, episodes, directory, cancellationToken));
                });
            }
            finally
            {
                report.Finish();
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static IExportTarget Target(RollbookHttpClient client, ExportForm form, string? path, Existing existing, int episodes, CliHost host)
    {
        if (path is not null && IsDirectory(path))
            return new DirectoryTarget(client, form, path, existing);
        if (form.ManyAreFiles && episodes > 1)
        {
            return path is null
                ? throw new CliException(ExitCode.Usage, "usage", $"{episodes} {form.Name} files make no one stream. Name a directory with --output, for a file each, or a file, for a zip archive.")
                : new ArchiveTarget(client, form, path, existing);
        }

        return path is null ? new OutputTarget(client, form, host.Out) : new FileTarget(client, form, path, existing);
    }

    private static bool IsDirectory(string path) => Directory.Exists(path) || Path.EndsInDirectorySeparator(path);
}

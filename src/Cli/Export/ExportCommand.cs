using System.CommandLine;
using System.CommandLine.Parsing;
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
        parquet: three tables, steps.parquet, episodes.parquet and scores.parquet, in the directory that --output names.

        Which episodes: those that are named, or those that fit all filters (as of 'rollbook ls'), or --all. Several go into one file, ordered by their
        ids: their lines one behind another, and for sts and traj a zip archive. Where --output is a directory, or ends with a slash, each gets a file of
        its own. A file appears whole or not at all; what several episodes left unfinished is FILE.part, and --resume goes on behind the last whole
        episode in it, or, in a directory, leaves the files alone that are there. An episode that is damaged where the recorder stores it is left out and
        named at the end, with the damaged file; all others are exported, and the exit code is 1.

        Examples:
          rollbook export host.0 --output episode.json
          rollbook export 01K8M3Z4Q0R5T6V7W8X9Y0Z1A2 --format jsonl | gzip > episode.jsonl.gz
          rollbook export --worker host.0 --worker host.1 --format atif -o run.atif.jsonl
          rollbook export --policy step-400 --min-score 1 --format jsonl -o good.jsonl --resume
          rollbook export --since 2026-01-31 --format parquet -o tables/
          rollbook export --label pinned --format sts -o traces/ --resume
          rollbook export host.0 --format jsonl -o episode.jsonl --blobs values
        """;

    // While a line is being completed an option may stand there without its value.
    private static string? Word(OptionResult? given) => given is { Tokens: [var word, ..] } ? word.Value : null;

    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(30);

    public static Command Create(ConnectionOptions connection, CliHost host)
    {
        var names = EpisodeName.NewArguments();
        var filters = new FilterOptions();
        var all = new Option<bool>("--all") { Description = "All episodes." };
        var format = new Option<string>("--format") { Description = $"{ExportForm.Names}, {ExportTable.Format}.", HelpName = "FORMAT", DefaultValueFactory = _ => "reference" };
        format.AcceptOnlyFromAmong([.. ExportForm.All.Select(form => form.Name), ExportTable.Format]);
        var output = new Option<string?>("--output", "-o") { Description = "The file or directory to write. Default: the standard output.", HelpName = "FILE|DIR" };
        var force = new Option<bool>("--force") { Description = "Replace files that exist." };
        var resume = new Option<bool>("--resume") { Description = "Go on where an export to the same file or directory was broken off." };
        var blobs = new Option<string?>("--blobs") { Description = "Download the large values that the steps name, too, into files named by their hashes.", HelpName = "DIR" };
        var command = DetailedHelp.NewCommand("export", About);
        command.Add(names);
        filters.AddTo(command);
        command.Add(all);
        command.Add(format);
        command.Add(output);
        command.Add(force);
        command.Add(resume);
        command.Add(blobs);
        command.Validators.Add(result =>
        {
            var isNamed = result.GetResult(names) is { Tokens.Count: > 0 };
            var isFiltered = filters.AreGiven(result);
            if (!isNamed && !isFiltered && !result.GetValue(all))
                result.AddError("Name the episodes to export: by an id, by a worker's name for what it does now or did last, by filters such as --worker or --since, or by --all.");
            if (isNamed && (isFiltered || result.GetValue(all)))
                result.AddError("Either names or filters say which episodes are exported: leave one of them away.");
            if (Word(result.GetResult(format)) == ExportTable.Format && Word(result.GetResult(output)) is null or "-")
                result.AddError("--format parquet makes several files and needs --output: the directory for them.");
            if (result.GetValue(resume) && result.GetResult(output) is null)
                result.AddError("--resume needs --output: the file or directory to go on with.");
            if (result.GetValue(resume) && result.GetValue(force))
                result.AddError("--resume goes on with what is there and --force replaces it: leave one of them away.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = connection.Connect(parsed, GiveUpAfter);
            var json = parsed.GetValue(connection.Json);
            var path = parsed.GetValue(output) is "-" ? null : parsed.GetValue(output);
            var report = new ExportReport(host, json, toFile: path is not null);
            var existing = parsed.GetValue(resume) ? Existing.Resume : parsed.GetValue(force) ? Existing.Replace : Existing.Refuse;
            var given = parsed.GetValue(names) ?? [];
            if (ExportForm.Find(parsed.GetValue(format)) is not { } form)
            {
                if (given.Length == 0)
                    await ExportSelection.CheckAsync(client, filters.Read(parsed), host, json, cancellationToken);
                var which = given.Length == 0
                    ? filters.Read(parsed)
                    : [.. (await ExportSelection.NamedAsync(client, given, cancellationToken)).Select(episode => KeyValuePair.Create("episode_id", episode.EpisodeId))];
                return await new ParquetTarget(client, path!, existing, host, json).WriteAsync(which, cancellationToken);
            }

            if (path is not null && !IsDirectory(path))
                PartFile.Check(path, existing);

            var episodes = given.Length > 0
                ? await ExportSelection.NamedAsync(client, given, cancellationToken)
                : await ExportSelection.FilteredAsync(client, filters.Read(parsed), host, json, cancellationToken);
            var target = Target(client, form, path, existing, episodes.Count, host);
            try
            {
                await report.WithProgressAsync(episodes, async () =>
                {
                    await target.WriteAsync(episodes, report, cancellationToken);
                    if (parsed.GetValue(blobs) is { } directory)
                        report.Blobs(directory, await BlobDownload.RunAsync(client, report.Present(episodes), directory, cancellationToken));
                });
            }
            finally
            {
                report.Finish();
            }

            return report.Outcome;
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

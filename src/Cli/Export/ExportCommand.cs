using System.CommandLine;
using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary><c>rollbook export</c>: one episode as a file.</summary>
internal static class ExportCommand
{
    private const string About = """
        Write an episode to a file, every value as it was recorded.

        reference: one JSON object, the trajectory of a single-process recorder, without the fields that it doesn't know.
        jsonl: all of it; the first line is the record, each further line a step. 'rollbook import' makes the same episode of it again.
        The file appears whole or not at all.

        Examples:
          rollbook export host.0 --output episode.json
          rollbook export 01K8M3Z4Q0R5T6V7W8X9Y0Z1A2 --format jsonl | gzip > episode.jsonl.gz
        """;

    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(30);

    public static Command Create(ConnectionOptions connection, CliHost host)
    {
        var name = EpisodeName.NewArgument();
        var format = new Option<string>("--format") { Description = "reference or jsonl.", HelpName = "FORMAT", DefaultValueFactory = _ => "reference" };
        format.AcceptOnlyFromAmong("reference", "jsonl");
        var output = new Option<string?>("--output", "-o") { Description = "The file to write. Default: the standard output.", HelpName = "FILE" };
        var force = new Option<bool>("--force") { Description = "Replace the file if it exists." };
        var command = DetailedHelp.NewCommand("export", About);
        command.Add(name);
        command.Add(format);
        command.Add(output);
        command.Add(force);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var file = parsed.GetValue(output) is "-" ? null : parsed.GetValue(output);
            if (file is not null && File.Exists(file) && !parsed.GetValue(force))
                throw new CliException(ExitCode.Failed, "file_exists", $"'{file}' exists. Name another file, or give --force to replace it.");

            using var client = connection.Connect(parsed, GiveUpAfter);
            var episode = await EpisodeName.FindAsync(client, parsed.GetRequiredValue(name), cancellationToken);
            IEpisodeFormat shape = parsed.GetValue(format) == "jsonl" ? new JsonLinesFormat() : new ReferenceFormat();
            long steps;
            if (file is null)
            {
                await using var stream = new WriterStream(host.Out);
                steps = await EpisodeExport.WriteAsync(client, episode, shape, stream, cancellationToken);
            }
            else
            {
                steps = await WholeFile.WriteAsync(file, stream => EpisodeExport.WriteAsync(client, episode, shape, stream, cancellationToken));
            }

            if (file is not null)
                Tell(host, parsed.GetValue(connection.Json), episode, file, steps);
            if (episode.IsRunning)
                CliMessages.Note(host, parsed.GetValue(connection.Json), $"{episode.EpisodeId} is still running; these are its {steps} steps so far.");
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Tell(CliHost host, bool json, EpisodeInfo episode, string file, long steps) =>
        host.Out.WriteLine(json
            ? CliJson.Line(writer =>
            {
                writer.WriteString("episode_id", episode.EpisodeId);
                writer.WriteString("file", file);
                writer.WriteNumber("steps", steps);
            })
            : $"{episode.EpisodeId}  {steps} steps  {TerminalText.Clean(file)}");
}

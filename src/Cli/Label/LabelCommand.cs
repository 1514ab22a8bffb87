using System.CommandLine;
using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary><c>rollbook label</c>: adds and removes labels.</summary>
internal static class LabelCommand
{
    private const string About = """
        Add labels to an episode, or remove them.

        A label is 1 to 128 printable characters; an episode has at most 256. The episode may have ended long ago. Adding a label that is there, or
        removing one that isn't, is no error. Without --add and --remove the labels are only shown.

        Examples:
          rollbook label 01K8M3Z4Q0R5T6V7W8X9Y0Z1A2 --add pinned
          rollbook label host.0 --add hard --add "look again" --remove unsorted
        """;

    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(30);

    public static Command Create(ConnectionOptions connection, CliHost host)
    {
        var episode = EpisodeName.NewArgument();
        var add = new Option<string[]>("--add") { Description = "A label to add. May be repeated.", HelpName = "LABEL", DefaultValueFactory = _ => [] };
        var remove = new Option<string[]>("--remove") { Description = "A label to remove. May be repeated.", HelpName = "LABEL", DefaultValueFactory = _ => [] };
        var id = new Option<string?>("--event-id") { Description = "The event's own id, so that a repeat counts once. Default: a new one.", HelpName = "ID" };
        var command = DetailedHelp.NewCommand("label", About);
        command.Add(episode);
        command.Add(add);
        command.Add(remove);
        command.Add(id);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var change = new LabelChange
            {
                EventId = parsed.GetValue(id) ?? host.NewEventId(),
                Add = parsed.GetRequiredValue(add),
                Remove = parsed.GetRequiredValue(remove),
            };
            if (change.Add.Intersect(change.Remove).FirstOrDefault() is { } both)
                throw new CliException(ExitCode.Usage, "usage", $"'{both}' is to be added and removed at once. Decide for one.");

            using var client = connection.Connect(parsed, GiveUpAfter);
            var info = await EpisodeName.FindAsync(client, parsed.GetRequiredValue(episode), cancellationToken);
            var changes = change.Add.Count + change.Remove.Count > 0;
            var labels = changes ? (await client.LabelAsync(info.EpisodeId, change, cancellationToken)).Labels : info.Labels;
            await host.Out.WriteLineAsync(parsed.GetValue(connection.Json)
                ? Json(info.EpisodeId, changes ? change.EventId : null, labels)
                : TerminalText.OneLine($"{info.EpisodeId}  {(labels.Count > 0 ? string.Join(", ", labels) : "no labels")}", 4000));
            return ExitCode.Ok;
        });
        return command;
    }

    private static string Json(string episodeId, string? eventId, IReadOnlyList<string> labels) => CliJson.Line(writer =>
    {
        writer.WriteString("episode_id", episodeId);
        if (eventId is not null)
            writer.WriteString("event_id", eventId);
        writer.WriteStartArray("labels");
        foreach (var label in labels)
            writer.WriteStringValue(label);
        writer.WriteEndArray();
    });
}

using System.Buffers;
using System.CommandLine;
using System.Text;
using System.Text.Json;
using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary><c>rollbook replay-actions</c>: what the agent did, to be done again.</summary>
internal static class ReplayActionsCommand
{
    private const string About = """
        Write the actions of an episode, to be played again in an environment.

        An action is {"action_type", "path", "query", "content"}: path and query only where they are not empty, content where it was recorded. The
        output is one JSON array, an action a line; --lines gives JSON lines without the brackets, to be read one by one.
        --steps cuts: an episode can be branched by playing its first actions and going on from there.

        Examples:
          rollbook replay-actions host.0 > actions.json
          rollbook replay-actions 01K8M3Z4Q0R5T6V7W8X9Y0Z1A2 --steps 0-11 --lines | python replay.py
          rollbook replay-actions 01K8M3Z4Q0R5T6V7W8X9Y0Z1A2 --lines | jq -r .query       the commands of an imported SWE-agent run
        """;

    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(30);

    // As deep as the recorder takes a step, and two for the array and the action around it.
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 258 };

    public static Command Create(ConnectionOptions connection, CliHost host)
    {
        var episode = EpisodeName.NewArgument();
        var steps = StepRange.NewOption("Which steps, from 0: all, 12, 10-20, 10-, or -5 for the last five. Default: all.");
        var lines = new Option<bool>("--lines") { Description = "JSON lines: an action a line, no array around them." };
        var command = DetailedHelp.NewCommand("replay-actions", About);
        command.Add(episode);
        command.Add(steps);
        command.Add(lines);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = connection.Connect(parsed, GiveUpAfter);
            var info = await EpisodeName.FindAsync(client, parsed.GetRequiredValue(episode), cancellationToken);
            using var actions = JsonDocument.Parse(await client.GetReplayActionsJsonAsync(info.EpisodeId, cancellationToken), Options);
            var count = actions.RootElement.GetArrayLength();
            var (from, end) = (parsed.GetValue(steps) ?? StepRange.All).Of(count);
            Write(host, actions.RootElement.EnumerateArray().Skip((int)from).Take((int)Math.Max(0, end - from)), parsed.GetValue(lines));
            if (info.IsRunning)
                CliMessages.Note(host, parsed.GetValue(connection.Json), $"{info.EpisodeId} is still running; these are of its {count} steps so far.");
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Write(CliHost host, IEnumerable<JsonElement> actions, bool lines)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var first = true;
        host.Out.Write(lines ? "" : "[");
        foreach (var action in actions)
        {
            buffer.ResetWrittenCount();
            RawJson.Write(buffer, action);
            var text = Encoding.UTF8.GetString(buffer.WrittenSpan);
            host.Out.Write(lines ? "" : first ? "\n" : ",\n");
            host.Out.Write(host.OutIsTerminal ? TerminalText.EscapeJson(text) : text);
            host.Out.Write(lines ? "\n" : "");
            first = false;
        }

        host.Out.Write(lines ? "" : first ? "]\n" : "\n]\n");
    }
}

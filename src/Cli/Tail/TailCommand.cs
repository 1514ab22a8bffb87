using System.CommandLine;
using System.Text;
using Rollbook.Client;
using Spectre.Console;

namespace Rollbook.Cli;

/// <summary><c>rollbook tail</c>: an episode's steps as they come, until it ends.</summary>
internal static class TailCommand
{
    private const string About = """
        Follow an episode while it runs: a line per step, until it ends.

        Errors and negative rewards are red, positive rewards green, changes of files red and green; --color and NO_COLOR decide. A change shows its
        first lines; 'show ID --steps N --full' has all of them. A lost connection is resumed where it broke: no step is missed or shown twice.

        Examples:
          rollbook tail host.0
          rollbook tail 01K8M3Z4Q0R5T6V7W8X9Y0Z1A2 --from 0
          rollbook tail host.0 --color always | less -R
          rollbook tail host.0 --json | jq .reward
        """;

    private const long Before = 10;

    // Lines of a change that a watcher sees before it scrolls the steps away.
    private const int DiffLines = 8;

    // A restart of the recorder should not end a long watch.
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(60);

    public static Command Create(ConnectionOptions connection, CliHost host)
    {
        var name = EpisodeName.NewArgument();
        var from = new Option<long?>("--from") { Description = $"First step, from 0. Default: the last {Before} that are there.", HelpName = "STEP" };
        from.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value.StartsWith('-'))
                result.AddError("--from counts from 0.");
        });
        var command = DetailedHelp.NewCommand("tail", About);
        command.Add(name);
        command.Add(from);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            EpisodeInfo episode;
            using (var first = connection.Connect(parsed, TimeSpan.FromSeconds(5)))
                episode = await EpisodeName.FindAsync(first, parsed.GetRequiredValue(name), cancellationToken);

            using var client = connection.Connect(parsed, GiveUpAfter);
            var json = parsed.GetValue(connection.Json);
            var console = connection.Console(parsed);
            if (!json)
                console.Write(new Text(TerminalText.OneLine($"{episode.EpisodeId}  {episode.Worker}  {episode.Task}", 200) + "\n", new Style(decoration: Decoration.Bold)));
            await foreach (var item in client.WatchAsync(episode.EpisodeId, parsed.GetValue(from) ?? Math.Max(0, episode.NextOrdinal - Before), cancellationToken))
            {
                if (json)
                    await WriteJsonAsync(host, item.Json);
                else if (item.IsEnd)
                    WriteEnd(console, item.Json);
                else
                    WriteStep(console, item);
                // A pipe must see each line when it comes, not when a buffer is full.
                await host.Out.FlushAsync(cancellationToken);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static Task WriteJsonAsync(CliHost host, ReadOnlyMemory<byte> json)
    {
        var text = Encoding.UTF8.GetString(json.Span);
        return host.Out.WriteLineAsync(host.OutIsTerminal ? TerminalText.EscapeJson(text) : text);
    }

    private static void WriteStep(IAnsiConsole console, LiveEvent item)
    {
        using var json = new RawObject(item.Json);
        var step = new StepView(json, item.Ordinal);
        var room = Math.Max(30, console.Profile.Width - 46);
        console.Write(new Text($"{step.Ordinal,5} {Times.Clock(step.Timestamp)} ", new Style(Color.Grey)));
        console.Write(new Text($"{Times.Number(step.Reward),7}", step.RewardStyle));
        console.Write(new Text($" {(step.Cumulative is null ? "" : "Σ " + Times.Number(step.Cumulative)),-9} {step.Action(room / 2)}"));
        foreach (var flag in step.Flags)
            console.Write(new Text($"  flag: {flag}", new Style(Color.Red)));
        console.Write(new Text($"  {step.Outcome(room / 2)}\n", new Style(step.Error is null ? Color.Grey : Color.Red)));
        WriteDiff(console, step, room);
    }

    private static void WriteDiff(IAnsiConsole console, StepView step, int room)
    {
        var diff = step.DiffLines();
        foreach (var line in diff.Take(DiffLines))
        {
            var style = new Style(line[0] switch { '-' => Color.Red, '+' => Color.Green, _ => Color.Blue });
            console.Write(new Text($"      {TerminalText.OneLine(line, room)}\n", style));
        }

        if (diff.Count > DiffLines)
            console.Write(new Text($"      … {diff.Count - DiffLines} more lines\n", new Style(Color.Grey)));
    }

    private static void WriteEnd(IAnsiConsole console, ReadOnlyMemory<byte> record)
    {
        using var json = new RawObject(record);
        var cause = json.Text("end_cause") is { Length: > 0 } given ? ": " + given : "";
        var score = json.Text("final_score") is { } known ? "score " + known : "not scored";
        console.Write(new Text(
            TerminalText.OneLine($"{json.Text("status")}{cause}, {score}, {json.Text("step_count")} steps", 300) + "\n", new Style(decoration: Decoration.Bold)));
    }
}

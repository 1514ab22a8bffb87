using System.Buffers;
using System.CommandLine;
using System.Text;
using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary><c>rollbook show</c>: one episode, for a person or as raw JSON.</summary>
internal static class ShowCommand
{
    private const string About = """
        Show an episode: its record, then its steps with rewards, errors and changes.

        Text of the agent is shown without escape sequences, control and direction characters; --json gives it as it was recorded.

        Examples:
          rollbook show 01K8M3Z4Q0R5T6V7W8X9Y0Z1A2
          rollbook show host.0 --steps -20
          rollbook show host.0 --steps 41 --full
          rollbook show host.0 --json | jq '.steps[].action_query'
        """;

    private const long Head = 40;
    private const long Tail = 60;

    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(5);

    public static Command Create(ConnectionOptions connection, CliHost host)
    {
        var name = EpisodeName.NewArgument();
        var steps = StepRange.NewOption(
            $"Which steps, from 0: all, none, 12, 10-20, 10-, or -5 for the last five. Default: the first {Head} and last {Tail}; with --json and --full all.");
        var full = new Option<bool>("--full") { Description = "Every step whole: thought, action, observation, change." };
        var command = DetailedHelp.NewCommand("show", About);
        command.Add(name);
        command.Add(steps);
        command.Add(full);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = connection.Connect(parsed, GiveUpAfter);
            var episode = await EpisodeName.FindAsync(client, parsed.GetRequiredValue(name), cancellationToken);
            var range = parsed.GetValue(steps);
            if (parsed.GetValue(connection.Json))
            {
                await WriteJsonAsync(client, episode, range ?? StepRange.All, host, cancellationToken);
                return ExitCode.Ok;
            }

            var view = new EpisodeView(connection.Console(parsed));
            view.Record(episode);
            var wanted = Ranges(episode, range, parsed.GetValue(full));
            if (parsed.GetValue(full))
                await view.FullAsync(Read(client, episode, wanted, cancellationToken));
            else
                await view.TableAsync(Read(client, episode, wanted, cancellationToken), episode.StepCount);
            return ExitCode.Ok;
        });
        return command;
    }

    private static IReadOnlyList<(long From, long End)> Ranges(EpisodeInfo episode, StepRange? range, bool full)
    {
        if (range is not null)
            return [range.Value.Of(episode.StepCount)];
        return full || episode.StepCount <= Head + Tail
            ? [(0, episode.StepCount)]
            : [(0, Head), (episode.StepCount - Tail, episode.StepCount)];
    }

    private static async IAsyncEnumerable<StepLine> Read(
        RollbookHttpClient client, EpisodeInfo episode, IReadOnlyList<(long From, long End)> ranges,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (from, end) in ranges)
        {
            await foreach (var line in client.ReadStepsAsync(episode.EpisodeId, from, Math.Max(0, end - from), cancellationToken))
                yield return line;
        }
    }

    private static async Task WriteJsonAsync(
        RollbookHttpClient client, EpisodeInfo episode, StepRange range, CliHost host, CancellationToken cancellationToken)
    {
        using var record = new RawObject(await client.GetEpisodeJsonAsync(episode.EpisodeId, steps: false, cancellationToken));
        var head = new ArrayBufferWriter<byte>();
        record.WriteAllBut(head, "steps");
        await WriteAsync(host, head.WrittenMemory);
        await host.Out.WriteAsync(",\"steps\":[");
        var first = true;
        await foreach (var line in Read(client, episode, [range.Of(episode.StepCount)], cancellationToken))
        {
            await host.Out.WriteAsync(first ? "" : ",");
            await WriteAsync(host, line.Json);
            first = false;
        }

        await host.Out.WriteLineAsync("]}");
    }

    private static Task WriteAsync(CliHost host, ReadOnlyMemory<byte> json)
    {
        var text = Encoding.UTF8.GetString(json.Span);
        return host.Out.WriteAsync(host.OutIsTerminal ? TerminalText.EscapeJson(text) : text);
    }
}

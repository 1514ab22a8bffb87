using System.CommandLine;
using System.CommandLine.Parsing;
using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary><c>rollbook score</c>: one score, or a file of them.</summary>
internal static class ScoreCommand
{
    private const string About = """
        Score an episode, or many from a file.

        A score is an event that is added, never a value that is overwritten. The newest one named 'final' is the episode's final score. The episode may
        have ended long ago. A repeat with the same --event-id counts once; without it, every call is an event of its own.

        --file takes a score a line: {"episode_id": "01K8…", "value": 1, "source": "unit-tests"}, and where wanted "name" (else 'final'), "rationale",
        "metadata", "time" and "event_id". A line without an "event_id" gets one out of its place and its bytes: sending the file again changes nothing.
        A line that is refused is named, the others are recorded; the exit code is then 1.

        Examples:
          rollbook score 01K8M3Z4Q0R5T6V7W8X9Y0Z1A2 --value 0.9 --source unit-tests
          rollbook score host.0 --value null --source review --rationale "the task is broken"
          rollbook score 01K8M3Z4Q0R5T6V7W8X9Y0Z1A2 --name style --value 3 --source judge-2 --metadata '{"model": "j2"}'
          rollbook score --file scores.jsonl
          verifier | rollbook score --file -
        """;

    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(30);

    public static Command Create(ConnectionOptions connection, CliHost host)
    {
        var episode = EpisodeName.NewArgument();
        episode.Arity = ArgumentArity.ZeroOrOne;
        var one = new ScoreOptions(host);
        var file = new Option<string?>("--file") { Description = "JSON lines, a score each; - for the standard input.", HelpName = "FILE" };
        var command = DetailedHelp.NewCommand("score", About);
        command.Add(episode);
        foreach (var option in one.All)
            command.Add(option);
        command.Add(file);
        command.Validators.Add(result => Check(result, episode, file, one));
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = connection.Connect(parsed, GiveUpAfter);
            if (parsed.GetValue(file) is { } path)
                return await ScoreFile.SendAsync(client, path, new ScoreReport(host, parsed.GetValue(connection.Json), path), host, cancellationToken);

            var info = await EpisodeName.FindAsync(client, parsed.GetRequiredValue(episode), cancellationToken);
            var score = one.Read(parsed);
            var reply = await client.ScoreAsync(info.EpisodeId, score, cancellationToken);
            await host.Out.WriteLineAsync(parsed.GetValue(connection.Json) ? Json(info, score, reply) : Text(info, score, reply));
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Check(CommandResult result, Argument<string> episode, Option<string?> file, ScoreOptions one)
    {
        var named = result.GetResult(episode) is { Tokens.Count: > 0 };
        if (result.GetResult(file) is not null)
        {
            if (named || one.All.Any(option => result.GetResult(option) is { Implicit: false }))
                result.AddError("--file has the scores and their episodes: give it alone.");
            return;
        }

        if (!named)
            result.AddError("Name the episode to score, or a --file of scores.");
        else if (result.GetResult(one.Value) is null)
            result.AddError("--value is missing: a number, NaN, or null for 'not scored'.");
    }

    private static string Text(EpisodeInfo episode, EpisodeScore score, ScoredEpisode reply)
    {
        var value = score.Value is { } number ? Times.Number(number) : "not scored";
        var final = reply.FinalScore is { } known ? $"final score {Times.Number(known)}" : "not scored";
        return TerminalText.OneLine(
            $"{episode.EpisodeId}  {score.Name} {value} by {score.Source}{(reply.Duplicate ? " (recorded before)" : "")}; {final}", 600);
    }

    private static string Json(EpisodeInfo episode, EpisodeScore score, ScoredEpisode reply) => CliJson.Line(writer =>
    {
        writer.WriteString("episode_id", episode.EpisodeId);
        writer.WriteString("event_id", score.EventId);
        writer.WriteBoolean("duplicate", reply.Duplicate);
        CliJson.Number(writer, "final_score", reply.FinalScore);
    });
}

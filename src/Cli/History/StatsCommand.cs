using System.CommandLine;
using System.Text;
using System.Text.Json;
using Spectre.Console;

namespace Rollbook.Cli;

/// <summary><c>rollbook stats</c>: counts, scores and pass@k by groups.</summary>
internal static class StatsCommand
{
    private const string About = """
        Show statistics of episodes: counts, scores, steps, seconds, errors, pass@k.

        pass@k is the unbiased estimate of the chance that one of k attempts succeeds, averaged over groups with at least k scored attempts (--over task: over
        tasks). 'flat groups' are groups whose attempts all have the same score: a policy gradient learns nothing from them. --json prints all figures.

        Examples:
          rollbook stats
          rollbook stats --group-by task,variant --k 1,8 --threshold 1
          rollbook stats --group-by day,status --since 2026-01-01
        """;

    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(15);

    public static Command Create(ConnectionOptions connection, CliHost host)
    {
        var filters = new FilterOptions();
        var by = Value("--group-by", "FIELDS", "task, variant, worker, group, policy, environment, status, day; several with commas.");
        by.CompletionSources.Add("task", "variant", "worker", "group", "policy", "environment", "status", "day");
        var k = Value("--k", "K", "The k of pass@k; several with commas.");
        var threshold = Value("--threshold", "N", "The final score from which on an episode is a success. Default: 1.");
        var over = Value("--over", "UNIT", "What pass@k is averaged over: group or task. Default: group.");
        over.AcceptOnlyFromAmong("group", "task");
        var command = DetailedHelp.NewCommand("stats", About);
        Option<string?>[] own = [by, k, threshold, over];
        foreach (var option in own)
            command.Add(option);
        filters.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var parameters = filters.Read(parsed);
            var keys = Fields(parsed.GetValue(by));
            if (keys.Length > 0)
                parameters.Add(KeyValuePair.Create("group_by", string.Join(',', keys)));
            foreach (var (option, name) in own[1..].Zip(["k", "threshold", "over"]))
            {
                if (parsed.GetValue(option) is { } value)
                    parameters.Add(KeyValuePair.Create(name, value));
            }

            using var client = connection.Connect(parsed, GiveUpAfter);
            var bytes = await client.GetStatsJsonAsync(parameters, cancellationToken);
            using var stats = JsonDocument.Parse(bytes);
            JsonCells.NoteMissing(host, parsed.GetValue(connection.Json), stats.RootElement);
            if (parsed.GetValue(connection.Json))
            {
                var text = Encoding.UTF8.GetString(bytes);
                await host.Out.WriteLineAsync(host.OutIsTerminal ? TerminalText.EscapeJson(text) : text);
                return ExitCode.Ok;
            }

            Draw(connection.Console(parsed), keys, stats.RootElement);
            return ExitCode.Ok;
        });
        return command;
    }

    // Fields may be called as the filters are.
    private static string[] Fields(string? given) => [.. (given ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(static field => field switch
    {
        "variant" => "variant_id",
        "group" => "group_id",
        "policy" => "policy_version",
        _ => field,
    })];

    private static Option<string?> Value(string name, string value, string description) => new(name) { Description = description, HelpName = value };

    private static void Draw(IAnsiConsole console, string[] keys, JsonElement stats)
    {
        var groups = stats.GetProperty("groups").EnumerateArray().ToList();
        if (groups.Count == 0)
        {
            console.Write(new Text("No such episodes.\n", new Style(Color.Grey)));
            return;
        }

        var passes = groups[0].GetProperty("pass_at_k").EnumerateArray().Select(pass => $"pass@{pass.GetProperty("k").GetInt32()}").ToList();
        var table = new Table().Border(TableBorder.None);
        foreach (var key in keys)
            table.AddColumn(Head(key));
        foreach (var name in (string[])["episodes", "running", "lost", "scored", "mean", "std", "median", "success", .. passes, "flat groups", "steps", "seconds", "errors"])
            table.AddColumn(Head(name).RightAligned());
        foreach (var group in groups)
            table.AddRow(Cells(keys, group).Select(cell => new Text(cell)));
        console.Write(table);
        if (stats.GetProperty("truncated").GetBoolean())
            console.Write(new Text("There are more groups: filter, or group by less.\n", new Style(Color.Grey)));
    }

    private static IEnumerable<string> Cells(string[] keys, JsonElement group)
    {
        var (score, status) = (group.GetProperty("score"), group.GetProperty("by_status"));
        return
        [
            .. keys.Select(key => JsonCells.Text(group, key)),
            JsonCells.Text(group, "count"), JsonCells.Text(status, "running"), JsonCells.Text(status, "lost"), JsonCells.Text(group, "scored"),
            Times.Number(JsonCells.Number(score, "mean")), Times.Number(JsonCells.Number(score, "std")), Times.Number(JsonCells.Number(score, "p50")),
            JsonCells.Percent(JsonCells.Number(group, "success_rate")),
            .. group.GetProperty("pass_at_k").EnumerateArray().Select(pass => JsonCells.Percent(JsonCells.Number(pass, "value"))),
            $"{JsonCells.Text(group, "zero_variance_groups")}/{JsonCells.Text(group, "groups")}",
            Times.Number(JsonCells.Number(group.GetProperty("steps"), "mean")), Times.Number(JsonCells.Number(group.GetProperty("duration_seconds"), "mean")),
            JsonCells.Percent(JsonCells.Number(group, "error_rate")),
        ];
    }

    private static TableColumn Head(string name) => new(new Text(name, new Style(Color.Grey)));
}

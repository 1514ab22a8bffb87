using System.Text.Json;
using Rollbook.Client;

namespace Rollbook.Silo.Demo;

/// <summary>Three questions that whoever trains asks, with their answers: read as a user would, through the API.</summary>
internal sealed class DemoQuestions(RollbookHttpClient client, TimeProvider time)
{
    private const int MostRows = 8;
    private const string HowTheyDied = """
        SELECT status, action_type, left(coalesce(error, 'no error'), 40) AS error, count(*) AS times
        FROM episodes JOIN steps USING (episode_id)
        WHERE status NOT IN ('running', 'completed') AND ordinal >= step_count - 1
        GROUP BY ALL ORDER BY times DESC, status, action_type, error LIMIT 5
        """;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>The questions, each with the command that asks it and its answer.</summary>
    public async Task<IReadOnlyList<string>> AskAsync(CancellationToken cancellation)
    {
        // This one archives first, so that the lists that follow are as new.
        var died = await AnswerAsync(AskSqlAsync, cancellation);
        return
        [
            "",
            "Three questions to the recorder:",
            "",
            "# which tasks teach nothing? groups whose attempts all score the same",
            "dotnet run --project src/Cli -- stats --group-by task",
            .. await AnswerAsync(AskSignalAsync, cancellation),
            "# does the policy improve? one attempt, and the best of eight",
            "dotnet run --project src/Cli -- stats --group-by policy_version --k 1,8",
            .. await AnswerAsync(AskPassAsync, cancellation),
            "# what was the last step of those that did not complete?",
            $"dotnet run --project src/Cli -- sql --fresh \"{HowTheyDied.ReplaceLineEndings("\n")}\"",
            .. died,
            "",
        ];
    }

    private async Task<IEnumerable<string>> AnswerAsync(Func<CancellationToken, Task<List<string>>> ask, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(Longest, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            var lines = await ask(both.Token);
            return lines.Count > 0 ? lines.Take(MostRows).Select(static line => "  " + line) : ["  nothing yet"];
        }
        catch (RollbookException refusal)
        {
            return [$"  no answer: {refusal.Message}"];
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return [$"  no answer within {Longest.TotalSeconds} s"];
        }
    }

    private async Task<List<string>> AskSignalAsync(CancellationToken cancellation)
    {
        using var stats = await StatsAsync([new("group_by", "task")], cancellation);
        return [.. Groups(stats)
            .OrderByDescending(static group => Share(group))
            .Select(static group => FormattableString.Invariant(
                $"{group.GetProperty("task").GetString(),-16} {group.GetProperty("zero_variance_groups").GetInt64()} of {group.GetProperty("groups").GetInt64()} groups, mean score {Number(group.GetProperty("score").GetProperty("mean"), "0.00")}"))];
    }

    private async Task<List<string>> AskPassAsync(CancellationToken cancellation)
    {
        using var stats = await StatsAsync([new("group_by", "policy_version"), new("k", "1,8")], cancellation);
        return [.. Groups(stats)
            .OrderBy(static group => group.GetProperty("policy_version").GetString(), StringComparer.Ordinal)
            .Select(static group => FormattableString.Invariant($"{group.GetProperty("policy_version").GetString(),-16} {string.Join(", ", group.GetProperty("pass_at_k").EnumerateArray().Select(Pass))}"))];
    }

    private async Task<List<string>> AskSqlAsync(CancellationToken cancellation)
    {
        using var response = await client.QueryAsync(HowTheyDied, "application/json", fresh: true, cancellationToken: cancellation);
        using var answer = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellation), cancellationToken: cancellation);
        return [.. answer.RootElement.GetProperty("rows").EnumerateArray().Select(static row => FormattableString.Invariant(
            $"{row[0].GetString(),-11} {row[1].GetString(),-12} {row[3].GetInt64(),3} x  {OneLine(row[2].GetString()!)}"))];
    }

    private async Task<JsonDocument> StatsAsync(IEnumerable<KeyValuePair<string, string>> parameters, CancellationToken cancellation) =>
        JsonDocument.Parse(await client.GetStatsJsonAsync(parameters, cancellation));

    private static IEnumerable<JsonElement> Groups(JsonDocument stats) => stats.RootElement.GetProperty("groups").EnumerateArray();

    private static double Share(JsonElement group) =>
        group.GetProperty("zero_variance_groups").GetDouble() / Math.Max(1, group.GetProperty("groups").GetDouble());

    private static string Pass(JsonElement pass) =>
        pass.GetProperty("units").GetInt64() is > 0 and var units
            ? FormattableString.Invariant($"pass@{pass.GetProperty("k").GetInt32()} {Number(pass.GetProperty("value"), "0%")} of {units} groups")
            : FormattableString.Invariant($"pass@{pass.GetProperty("k").GetInt32()} -");

    private static string Number(JsonElement number, string format) =>
        number.ValueKind == JsonValueKind.Number ? number.GetDouble().ToString(format, System.Globalization.CultureInfo.InvariantCulture) : "-";

    // What a step said may have line feeds and codes of a terminal.
    private static string OneLine(string text) => string.Create(text.Length, text, static (target, from) =>
    {
        for (var i = 0; i < from.Length; i++) target[i] = char.IsControl(from[i]) ? ' ' : from[i];
    });
}

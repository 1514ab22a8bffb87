using System.Text.Json;
using Spectre.Console;

namespace Rollbook.Cli;

/// <summary>A step as it is shown. Every text of it went through <see cref="TerminalText"/> and is never read as markup.</summary>
internal sealed class StepView(RawObject step, long ordinal)
{
    public long Ordinal => ordinal;

    public double? Reward => step.Number("reward");

    public double? Cumulative => step.Number("cumulative_reward");

    public double? PassRate => step.Number("test_pass_rate");

    public double? DurationMs => step.Number("duration_ms");

    public double? Timestamp => step.Number("timestamp") ?? step.Number("received_at");

    public bool Done => step["done"] is { ValueKind: JsonValueKind.True };

    public string? Error => step.Text("error") is { Length: > 0 } error ? error : null;

    public Style RewardStyle => Reward switch
    {
        > 0 => new Style(Color.Green),
        < 0 => new Style(Color.Red),
        0 => new Style(Color.Grey),
        _ => new Style(Color.Yellow),
    };

    /// <summary>Type, path and the beginning of the query.</summary>
    public string Action(int length)
    {
        var type = step.Text("action_type") ?? "";
        var query = step.Text("action_query") ?? "";
        // An imported command begins with its type.
        if (query.TrimStart().StartsWith(type, StringComparison.Ordinal))
            type = "";
        return TerminalText.OneLine(string.Join(' ', new[] { type, step.Text("action_path"), query.Trim() }.Where(part => part is { Length: > 0 })), length);
    }

    /// <summary>What came of it, on one line: the error, else the observation.</summary>
    public string Outcome(int length) =>
        Error is { } error ? TerminalText.OneLine(error, length) : TerminalText.OneLine(step.Text("observation_snapshot") ?? "", length);

    /// <summary>Path and size of a change.</summary>
    public string Change(int length) => step["file_diff"] is { ValueKind: JsonValueKind.Object } diff
        ? TerminalText.OneLine($"{Member(diff, "path")} ±{Member(diff, "chars_changed")}", length)
        : "";

    public IEnumerable<string> Flags => step["security_flags"] is { ValueKind: JsonValueKind.Array } flags
        ? flags.EnumerateArray().Select(flag => TerminalText.OneLine(JsonText.Read(flag), 60))
        : [];

    /// <summary>A field in full, of any number of lines; null where it has nothing.</summary>
    public string? Full(string name) => step[name] is { } value && Place(value) is { } place ? place
        : step.Text(name) is { Length: > 0 } text ? TerminalText.Clean(text)
        : null;

    /// <summary>The change as removed and added lines, with what is equal at both ends left out.</summary>
    public IReadOnlyList<string> DiffLines()
    {
        if (step["file_diff"] is not { ValueKind: JsonValueKind.Object } diff)
            return [];

        var before = TerminalText.Clean(Member(diff, "before")).Split('\n');
        var after = TerminalText.Clean(Member(diff, "after")).Split('\n');
        var head = 0;
        while (head < Math.Min(before.Length, after.Length) && before[head] == after[head])
            head++;
        var tail = 0;
        while (tail < Math.Min(before.Length, after.Length) - head && before[^(tail + 1)] == after[^(tail + 1)])
            tail++;
        return
        [
            $"@@ {TerminalText.OneLine(Member(diff, "path"), 200)} line {head + 1} @@",
            .. before[head..^tail].Select(line => "-" + line),
            .. after[head..^tail].Select(line => "+" + line),
        ];
    }

    /// <summary>Where a large value is that stands beside the step; null for any other.</summary>
    private static string? Place(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty("$blob", out var hash) && hash.ValueKind == JsonValueKind.String
            ? TerminalText.OneLine($"a large value of {Member(value, "bytes")} bytes ({Member(value, "media_type")}): /v1/blobs/{JsonText.Read(hash)}", 240)
            : null;

    private static string Member(JsonElement value, string name) =>
        value.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? JsonText.Read(member) : "";
}

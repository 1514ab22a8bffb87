using System.Globalization;
using Rollbook.Client;
using Spectre.Console;

namespace Rollbook.Cli;

/// <summary>Draws an episode. Nothing that an agent wrote is ever parsed as markup: all of it goes into <see cref="Text"/>.</summary>
internal sealed class EpisodeView(IAnsiConsole console)
{
    private static readonly Style Dim = new(Color.Grey);
    private static readonly Style Red = new(Color.Red);
    private static readonly Style Bold = new(decoration: Decoration.Bold);

    public void Record(EpisodeInfo episode)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        Row(grid, "episode", episode.EpisodeId, Bold);
        Row(grid, "worker", episode.Worker);
        Row(grid, "task", episode.Task + (episode.VariantId is { Length: > 0 } variant ? $"  ({variant})" : ""));
        Row(grid, "status", episode.Status + (episode.EndCause is { Length: > 0 } cause ? $": {cause}" : ""), StatusStyle(episode.Status));
        Row(grid, "score", episode.FinalScore is { } score ? Times.Number(score) : episode.IsRunning ? null : "not scored");
        Row(grid, "steps", episode.StepCount.ToString(CultureInfo.InvariantCulture)
            + (episode.TotalSteps != episode.StepCount ? $"  (last step number {episode.TotalSteps})" : ""));
        Row(grid, "started", Times.Stamp(episode.StartTime));
        Row(grid, "ended", episode.EndTime is null ? null : $"{Times.Stamp(episode.EndTime)}  after {Times.Number(episode.DurationSeconds)} s");
        Row(grid, "group", episode.GroupId + (episode.Attempt is { } attempt ? $"  attempt {attempt}" : ""));
        Row(grid, "environment", episode.Environment);
        Row(grid, "policy", episode.PolicyVersion);
        Row(grid, "seed", episode.Seed?.ToString(CultureInfo.InvariantCulture));
        Row(grid, "branched from", episode.ParentEpisodeId);
        console.Write(grid);
    }

    public async Task TableAsync(IAsyncEnumerable<StepLine> lines, long stepCount)
    {
        var table = new StepTable(console.Profile.Width);
        long next = -1;
        await foreach (var line in lines)
        {
            if (next >= 0 && line.Ordinal != next)
                table.AddGap($"{line.Ordinal - next} more: --steps all");
            next = line.Ordinal + 1;
            using var json = new RawObject(line.Json);
            table.Add(new StepView(json, line.Ordinal));
        }

        if (table.Steps > 0)
            console.Write(table.Draw());
        if (table.Steps < stepCount)
            console.Write(new Text($"{table.Steps} of {stepCount} steps shown.\n", Dim));
    }

    public async Task FullAsync(IAsyncEnumerable<StepLine> lines)
    {
        await foreach (var line in lines)
        {
            using var json = new RawObject(line.Json);
            var step = new StepView(json, line.Ordinal);
            console.Write(new Rule { Style = Dim });
            console.Write(new Text($"step {step.Ordinal}  {step.Action(80)}\n", Bold));
            console.Write(new Text(
                string.Join("  ", new[]
                {
                    Times.Stamp(step.Timestamp), Labelled("reward", step.Reward), Labelled("sum", step.Cumulative), Labelled("pass rate", step.PassRate),
                    Labelled("ms", step.DurationMs), step.Done ? "done" : "",
                }.Where(part => part.Length > 0)) + "\n", Dim));
            foreach (var flag in step.Flags)
                console.Write(new Text($"flag: {flag}\n", Red));
            Part("thought", step.Full("thought"), Dim);
            Part("response", step.Full("response"), Dim);
            Part("action", step.Full("action_query"), Style.Plain);
            Part("content", step.Full("action_content"), Style.Plain);
            Part("observation", step.Full("observation_snapshot"), Style.Plain);
            Part("error", step.Full("error"), Red);
            foreach (var diff in step.DiffLines())
                console.Write(new Text(diff + "\n", diff[0] switch { '-' => Red, '+' => new Style(Color.Green), _ => new Style(Color.Blue) }));
            Part("extra", step.Full("extra"), Dim);
        }
    }

    private static Style StatusStyle(string status) => status switch
    {
        "completed" => new Style(Color.Green),
        "running" => new Style(Color.Blue),
        _ => new Style(Color.Yellow),
    };

    private static string Labelled(string name, double? value) => value is null ? "" : $"{name} {Times.Number(value)}";

    private static void Row(Grid grid, string name, string? value, Style? style = null)
    {
        if (value is { Length: > 0 })
            grid.AddRow(new Text(name, Dim), new Text(TerminalText.OneLine(value, 300), style ?? Style.Plain));
    }

    private void Part(string name, string? text, Style style)
    {
        if (text is null)
            return;
        console.Write(new Text($"{name}:\n", Dim));
        console.Write(new Text(text.TrimEnd('\n') + "\n", style));
    }
}

using System.Globalization;
using Rollbook.Client;
using Spectre.Console;
using Spectre.Console.Rendering;

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
        var table = new Table().Border(TableBorder.Simple);
        foreach (var heading in new[] { "step", "action", "reward", "sum", "pass", "ms", "change", "outcome" })
            table.AddColumn(new TableColumn(new Text(heading, Dim)));
        foreach (var column in new[] { 0, 2, 3, 4, 5 })
            table.Columns[column].RightAligned().NoWrap();

        // What a line of the table can spend on its three texts.
        var room = Math.Max(30, console.Profile.Width - 60);
        long next = -1;
        var rows = 0;
        await foreach (var line in lines)
        {
            if (next >= 0 && line.Ordinal != next)
                table.AddRow(new Text("…", Dim), new Text($"{line.Ordinal - next} more: --steps all", Dim));
            next = line.Ordinal + 1;
            rows++;
            using var json = new RawObject(line.Json);
            AddStep(table, new StepView(json, line.Ordinal), room);
        }

        if (rows > 0)
            console.Write(table);
        if (rows < stepCount)
            console.Write(new Text($"{rows} of {stepCount} steps shown.\n", Dim));
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

    private static void AddStep(Table table, StepView step, int room)
    {
        IRenderable outcome = new Text(step.Outcome(room * 2 / 5), step.Error is null ? Dim : Red);
        if (step.Flags.Any())
            outcome = new Rows(new Text("flag: " + string.Join(", ", step.Flags), Red), outcome);
        table.AddRow(
            new Text(step.Ordinal.ToString(CultureInfo.InvariantCulture), Dim),
            new Text(step.Action(room * 2 / 5), step.Done ? Bold : Style.Plain),
            new Text(Times.Number(step.Reward), step.RewardStyle),
            new Text(Times.Number(step.Cumulative)),
            new Text(Times.Number(step.PassRate)),
            new Text(Times.Number(step.DurationMs), Dim),
            new Text(step.Change(room / 5), new Style(Color.Blue)),
            outcome);
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

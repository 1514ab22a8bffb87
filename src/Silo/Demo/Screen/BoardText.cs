using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Rollbook.Silo.Demo;

/// <summary>The board as a line, as a table, and as closing lines.</summary>
internal static class BoardText
{
    /// <summary>One plain line.</summary>
    public static string Line(BoardView view)
    {
        var scores = view.Tasks.Sum(task => task.Scored) is var scored and > 0
            ? string.Create(CultureInfo.InvariantCulture, $" | mean score {view.Tasks.Sum(task => task.Mean * task.Scored) / scored:0.00}")
            : "";
        var trouble = view.Trouble is null ? "" : $" | {view.Trouble}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{view.Elapsed:mm\\:ss}  {Episodes(view)} | {view.Steps} steps, {view.StepsPerSecond:0}/s | {Acks(view)}{scores}{trouble}");
    }

    /// <summary>The live summary.</summary>
    public static IRenderable Screen(BoardView view, string address)
    {
        var head = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        head.AddRow(new Text("episodes", new Style(Color.Grey)), new Text(Episodes(view)));
        head.AddRow(
            new Text("steps", new Style(Color.Grey)),
            new Text(string.Create(CultureInfo.InvariantCulture, $"{view.Steps} recorded, {view.StepsPerSecond:0} a second")));
        head.AddRow(new Text("durable", new Style(Color.Grey)), new Text(Acks(view)));
        if (view.Trouble is not null)
            head.AddRow(new Text("trouble", new Style(Color.Red)), new Text(view.Trouble));
        return new Panel(new Rows(head, Scores(view), Endings(view)))
            .Header($" Rollbook demo, {view.Elapsed:mm\\:ss}, recording at {Markup.Escape(address)} ")
            .Border(BoxBorder.Rounded)
            .Expand();
    }

    /// <summary>What stays on the screen in the end.</summary>
    public static IEnumerable<string> Closing(BoardView view)
    {
        yield return string.Create(CultureInfo.InvariantCulture, $"The demo ended after {view.Elapsed.TotalSeconds:0.0} s.");
        yield return $"  episodes  {Episodes(view)}";
        yield return string.Create(CultureInfo.InvariantCulture, $"  steps     {view.Steps} recorded, each acknowledged when it was in stable storage");
        yield return $"  durable   {Acks(view)}";
        foreach (var task in view.Tasks)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"  {task.Task,-14}  mean score {task.Mean:0.00}, solved {task.SuccessRate:0%} of {task.Scored}");
        if (view.Trouble is not null)
            yield return $"  trouble   {view.Trouble}";
    }

    private static string Episodes(BoardView view)
    {
        var text = $"{view.Running} running, {view.EndedAs("completed")} completed, {view.EndedAs("superseded")} superseded, {view.EndedAs("lost")} lost";
        return view.EndedAs("aborted") is var aborted and > 0 ? $"{text}, {aborted} aborted" : text;
    }

    private static string Acks(BoardView view) => view.AckMilliseconds is { } acks
        ? string.Create(CultureInfo.InvariantCulture, $"ack p50 {acks.P50:0.0} ms, p99 {acks.P99:0.0} ms")
        : "no ack yet";

    private static Table Scores(BoardView view)
    {
        var table = new Table().Border(TableBorder.None).AddColumn("task").AddColumn("episodes").AddColumn("mean score").AddColumn("solved");
        foreach (var column in table.Columns.Skip(1))
            column.RightAligned();
        foreach (var task in view.Tasks)
            table.AddRow(
                new Text(task.Task),
                new Text(task.Scored.ToString(CultureInfo.InvariantCulture)),
                new Text(task.Mean.ToString("0.00", CultureInfo.InvariantCulture)),
                new Text(task.SuccessRate.ToString("0%", CultureInfo.InvariantCulture)));
        return table;
    }

    private static Table Endings(BoardView view)
    {
        var table = new Table().Border(TableBorder.None).AddColumn("last endings").AddColumn("worker").AddColumn("status").AddColumn("cause").AddColumn("score");
        foreach (var column in table.Columns)
            column.NoWrap();
        foreach (var ended in view.Last)
            table.AddRow(
                new Text(ended.EpisodeId),
                new Text(ended.Worker),
                new Text(ended.Status, new Style(Colour(ended))),
                new Text(Short(ended.Cause ?? "")),
                new Text(ended.Score?.ToString("0.00", CultureInfo.InvariantCulture) ?? "-"));
        return table;
    }

    // "superseded by" goes on with an id, which the next episode's own line has.
    private static string Short(string cause) => cause.Length <= 16 ? cause : cause[..15] + "…";

    private static Color Colour(EndedRollout ended) => ended.Status switch
    {
        "completed" => ended.Score >= 1 ? Color.Green : Color.Default,
        "lost" => Color.Red,
        _ => Color.Yellow,
    };
}

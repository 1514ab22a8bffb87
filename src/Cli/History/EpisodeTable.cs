using System.Text.Json;
using Spectre.Console;

namespace Rollbook.Cli;

/// <summary>A table of episodes. What callers wrote goes into <see cref="Text"/>, never into markup.</summary>
internal sealed class EpisodeTable
{
    private readonly Table _table = new Table().Border(TableBorder.None).AddColumns(
        Head("episode").NoWrap(), Head("worker"), Head("task"), Head("variant"), Head("status").NoWrap(), Head("score").RightAligned(), Head("steps").RightAligned(),
        Head("started").NoWrap(), Head("seconds").RightAligned());

    public void Add(JsonElement episode) => _table.AddRow(
        new Text(JsonCells.Text(episode, "episode_id")),
        new Text(JsonCells.Text(episode, "worker")),
        new Text(JsonCells.Text(episode, "task")),
        new Text(JsonCells.Text(episode, "variant_id")),
        new Text(JsonCells.Text(episode, "status"), StatusStyle(JsonCells.Text(episode, "status"))),
        new Text(Times.Number(JsonCells.Number(episode, "final_score"))),
        new Text(JsonCells.Text(episode, "step_count")),
        new Text(Times.Stamp(JsonCells.Number(episode, "start_time"))),
        new Text(Times.Number(JsonCells.Number(episode, "duration_seconds"))));

    public Table Draw() => _table;

    private static TableColumn Head(string name) => new(new Text(name, new Style(Color.Grey)));

    private static Style StatusStyle(string status) => status switch
    {
        "completed" => new Style(Color.Green),
        "running" => new Style(Color.Blue),
        _ => new Style(Color.Yellow),
    };
}

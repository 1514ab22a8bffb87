using System.Globalization;
using Spectre.Console;

namespace Rollbook.Cli;

/// <summary>A table of steps that spends its width where something is: a column without any value is left out.</summary>
internal sealed class StepTable(int width)
{
    // A text cell keeps this much until the table's width is shared out.
    private const int TextLength = 200;
    private const int LeastRoom = 30;
    private const int CellPadding = 3;

    private static readonly Style Dim = new(Color.Grey);
    private static readonly Style Red = new(Color.Red);
    private static readonly string[] Numbers = ["step", "reward", "sum", "pass", "ms"];

    private readonly List<Row> _rows = [];

    public int Steps { get; private set; }

    public void Add(StepView step)
    {
        Steps++;
        _rows.Add(new Row(
            [
                step.Ordinal.ToString(CultureInfo.InvariantCulture), Times.Number(step.Reward), Times.Number(step.Cumulative),
                Times.Number(step.PassRate), step.DurationMs is 0 ? "" : Times.Number(step.DurationMs),
            ],
            step.Action(TextLength), step.Change(TextLength), step.Outcome(TextLength), string.Join(", ", step.Flags), step.RewardStyle,
            step.Error is null ? Dim : Red));
    }

    public void AddGap(string text) => _rows.Add(new Row(["…", "", "", "", ""], text, "", "", "", Dim, Dim));

    public Table Draw()
    {
        var shown = Enumerable.Range(0, Numbers.Length).Where(column => _rows.Any(row => row.Numbers[column].Length > 0)).ToList();
        var changes = _rows.Any(row => row.Change.Length > 0);
        var numbers = shown.Sum(column => CellPadding + Math.Max(Numbers[column].Length, _rows.Max(row => row.Numbers[column].Length)));
        var room = Math.Max(LeastRoom, width - numbers - (CellPadding * (changes ? 3 : 2)) - 2);
        var change = changes ? Math.Min(room / 5, Math.Max(6, _rows.Max(row => row.Change.Length))) : 0;
        var action = Math.Min((room - change) / 2, Math.Max(6, _rows.Max(row => row.Action.Length)));
        var outcome = room - change - action;

        var table = new Table().Border(TableBorder.Simple);
        foreach (var column in shown)
            table.AddColumn(Column(Numbers[column]).RightAligned().NoWrap());
        table.AddColumn(Column("action"));
        if (changes)
            table.AddColumn(Column("change"));
        table.AddColumn(Column("outcome"));
        foreach (var row in _rows)
        {
            var cells = shown.Select(column => new Text(row.Numbers[column], column == 1 ? row.Reward : Dim)).ToList();
            cells.Add(new Text(Cut(row.Action, action)));
            if (changes)
                cells.Add(new Text(Cut(row.Change, change), new Style(Color.Blue)));
            // A flag is why a person looks: it comes before what the step said, and whole.
            cells.Add(row.Flags.Length > 0
                ? new Text($"flag: {row.Flags}  {Cut(row.Outcome, outcome)}", Red)
                : new Text(Cut(row.Outcome, outcome), row.OutcomeStyle));
            table.AddRow(cells);
        }

        return table;
    }

    private static TableColumn Column(string heading) => new(new Text(heading, Dim));

    private static string Cut(string text, int length) => TerminalText.OneLine(text, Math.Max(1, length));

    private sealed record Row(
        string[] Numbers, string Action, string Change, string Outcome, string Flags, Style Reward, Style OutcomeStyle);
}

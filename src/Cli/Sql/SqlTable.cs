using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace Rollbook.Cli;

/// <summary>The rows of an answer: a table, or a block a row where the columns of a table would be too narrow to be read.</summary>
internal static class SqlTable
{
    // A column that is wrapped stays readable down to here; one that needs less counts as what it needs.
    private const int NarrowestWrapped = 16;

    /// <summary>Writes them.</summary>
    /// <param name="console">Where; its width decides.</param>
    /// <param name="columns">The columns' names.</param>
    /// <param name="rows">Arrays of as many values.</param>
    public static void Draw(IAnsiConsole console, IReadOnlyList<string> columns, IReadOnlyList<JsonElement> rows)
    {
        if (columns.Count == 0)
            return;
        if (rows.Count == 0 || Fits(columns, rows, console.Profile.Width))
        {
            DrawTable(console, columns, rows);
            return;
        }

        for (var row = 0; row < rows.Count; row++)
        {
            console.Write(new Text(string.Create(CultureInfo.InvariantCulture, $"row {row + 1}\n"), new Style(Color.Grey)));
            DrawBlock(console, columns, rows[row]);
        }
    }

    private static bool Fits(IReadOnlyList<string> columns, IReadOnlyList<JsonElement> rows, int width)
    {
        // A space between.
        var needed = columns.Count - 1;
        for (var column = 0; column < columns.Count; column++)
        {
            var widest = rows.Max(row => JsonCells.Text(row[column]).Length);
            needed += Math.Min(NarrowestWrapped, Math.Max(columns[column].Length, widest));
        }

        return needed <= width;
    }

    private static void DrawTable(IAnsiConsole console, IReadOnlyList<string> columns, IReadOnlyList<JsonElement> rows)
    {
        var table = new Table().Border(TableBorder.None);
        foreach (var column in columns)
            table.AddColumn(new TableColumn(Name(column)));
        foreach (var row in rows)
            table.AddRow(row.EnumerateArray().Select(Cell));
        console.Write(table);
    }

    private static void DrawBlock(IAnsiConsole console, IReadOnlyList<string> columns, JsonElement row)
    {
        var block = new Table().Border(TableBorder.None).HideHeaders();
        block.AddColumn(new TableColumn("").NoWrap());
        block.AddColumn("");
        for (var column = 0; column < columns.Count; column++)
            block.AddRow(Name(columns[column]), Cell(row[column]));
        console.Write(new Padder(block, new Padding(2, 0, 0, 0)));
    }

    private static Text Name(string column) => new(column, new Style(Color.Grey));

    private static Text Cell(JsonElement value) => value.ValueKind == JsonValueKind.Null ? new Text("null", new Style(Color.Grey)) : new Text(JsonCells.Text(value));
}

using System.Globalization;
using System.Net.Http;
using System.Text.Json;
using Rollbook.Client;
using Spectre.Console;

namespace Rollbook.Cli;

/// <summary>Runs statements and prints their answers.</summary>
internal sealed class SqlRunner(RollbookHttpClient client, CliHost host, IAnsiConsole console)
{
    private const int TableRows = 1000;

    public bool Json { get; init; }

    public bool Csv { get; init; }

    public bool Fresh { get; init; }

    public int? MaxRows { get; init; }

    /// <summary>Runs one and prints its answer.</summary>
    public async Task RunAsync(string sql, CancellationToken cancellationToken)
    {
        if (Json || Csv)
        {
            using var streamed = await client.QueryAsync(sql, Csv ? "text/csv" : "application/json", Fresh, MaxRows, cancellationToken);
            await CopyAsync(streamed, cancellationToken);
            return;
        }

        using var response = await client.QueryAsync(sql, "application/json", Fresh, MaxRows ?? TableRows, cancellationToken);
        using var answer = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken);
        Draw(answer.RootElement);
    }

    /// <summary>The names that a statement may use: views and their columns.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellationToken)
    {
        const string Columns = "SELECT DISTINCT column_name FROM information_schema.columns WHERE table_name IN ('episodes', 'steps', 'scores') ORDER BY 1";
        using var response = await client.QueryAsync(Columns, "application/json", cancellationToken: cancellationToken);
        using var answer = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
        return [.. answer.RootElement.GetProperty("rows").EnumerateArray().Select(row => row[0].GetString()!)];
    }

    /// <summary>The message, with the line of the statement that it means and a mark under the place.</summary>
    public static string Explain(RollbookException error, string sql)
    {
        var lines = sql.Split('\n');
        if (error.Line is not { } line || error.Column is not { } column || line < 1 || line > lines.Length || column < 1 || column > lines[line - 1].Length + 1)
            return error.Message;
        return $"{error.Message}\n  {lines[line - 1].TrimEnd('\r')}\n  {new string(' ', (int)column - 1)}^";
    }

    private async Task CopyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        // Bytes as they come; a terminal gets them without what it would obey.
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        var buffer = new char[16 * 1024];
        var rows = new CsvRows();
        for (int read; (read = await reader.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            var text = new string(buffer, 0, read);
            if (Csv)
                rows.Add(text);
            await host.Out.WriteAsync(!host.OutIsTerminal ? text : Json ? TerminalText.EscapeJson(text) : TerminalText.Clean(text));
        }

        if (Json)
            await host.Out.WriteLineAsync();
        // A long answer goes before it is known whether it was cut. JSON says so at its end; of values only their number tells it.
        if (Header(response, "Rollbook-Truncated") is { } cut)
        {
            if (cut == "true")
                CliMessages.Note(host, Json, "the answer was cut: there are more rows.");
        }
        else if (Csv && long.TryParse(Header(response, "Rollbook-Row-Limit"), NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && rows.Count >= limit)
            CliMessages.Note(host, Json, $"the answer has {rows.Count} rows, which is as many as {(limit == MaxRows ? "--max-rows allows" : "it may have")}: there may be more. {(limit == MaxRows ? "Raise --max-rows, or leave it away." : "Filter or aggregate, or raise the recorder's Query:SqlRows.")}");
        if (Csv && Header(response, "Rollbook-Complete") == "false")
            CliMessages.Note(host, Json, "some logs did not answer, so that their newest episodes are missing.");
    }

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private void Draw(JsonElement answer)
    {
        SqlTable.Draw(
            console, [.. answer.GetProperty("columns").EnumerateArray().Select(static column => JsonCells.Text(column, "name"))], [.. answer.GetProperty("rows").EnumerateArray()]);
        var count = answer.GetProperty("row_count").GetInt64();
        var more = answer.GetProperty("truncated").GetBoolean() ? ", and more: --max-rows N, --csv or --json" : "";
        console.Write(new Text($"{count.ToString("N0", CultureInfo.InvariantCulture)} row{(count == 1 ? "" : "s")}{more}\n", new Style(Color.Grey)));
        JsonCells.NoteMissing(host, json: false, answer);
    }
}

using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary>Statements asked for one after the other. One ends with a semicolon, and may have several lines.</summary>
internal static class SqlPrompt
{
    private const string First = "sql> ";
    private const string Next = "...> ";

    private static readonly string[] Words =
    [
        "SELECT", "FROM", "WHERE", "GROUP BY", "ORDER BY", "HAVING", "LIMIT", "JOIN", "USING", "LEFT", "DISTINCT", "COUNT", "DESCRIBE", "SUMMARIZE", "EXPLAIN", "BETWEEN", "INTERVAL",
        "episodes", "steps", "scores", "list_contains", "quantile_cont", "json_extract_string", "date_trunc",
    ];

    public static async Task<int> RunAsync(SqlRunner run, CliHost host, CancellationToken cancellationToken)
    {
        var history = SqlHistory.Open(host);
        // Also tells at once whether the recorder is there.
        var names = (await run.NamesAsync(cancellationToken)).Concat(Words).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        await host.Out.WriteLineAsync("Views: episodes, steps, scores. A statement ends with ; and exit or Ctrl-D ends this. Tab completes.");
        while (Read(host, history, names) is { } sql)
        {
            if (sql.Trim().TrimEnd(';').Trim() is "exit" or "quit" or "\\q")
                break;
            history.Add(sql);
            try
            {
                await run.RunAsync(sql, cancellationToken);
            }
            catch (RollbookException e) when (e.Code != RollbookException.Unreachable)
            {
                CliMessages.Error(host, json: false, e.Code, SqlRunner.Explain(e, sql));
            }
        }

        return ExitCode.Ok;
    }

    /// <summary>Whether a statement is whole: it ends with a semicolon, or is a word of the prompt's own.</summary>
    public static bool IsWhole(string text) => text.TrimEnd() is "exit" or "quit" or "\\q" || text.TrimEnd().EndsWith(';');

    /// <summary>Reads a statement; null = the person is done.</summary>
    private static string? Read(CliHost host, SqlHistory history, IReadOnlyList<string> names)
    {
        var text = "";
        while (true)
        {
            if (ReadLine(host, text.Length == 0 ? First : Next, history, names) is not { } line)
                return null;
            text += (text.Length == 0 ? "" : "\n") + line;
            if (text.Trim().Length == 0)
                text = "";
            else if (IsWhole(text))
                return text;
        }
    }

    private static string? ReadLine(CliHost host, string prompt, SqlHistory history, IReadOnlyList<string> names)
    {
        var editor = new LineEditor(history.Lines, names);
        host.Out.Write(prompt);
        while (true)
        {
            var key = Console.ReadKey(intercept: true);
            if (key is { Key: ConsoleKey.D, Modifiers: ConsoleModifiers.Control } && editor.Text.Length == 0)
            {
                host.Out.WriteLine();
                return null;
            }

            var done = editor.Press(key);
            if (editor.Choices.Count > 0)
                host.Out.Write($"\r\n{string.Join("  ", editor.Choices)}\r\n");
            // The line anew: back to its start, to its end cleared, and the cursor where it belongs.
            host.Out.Write($"\r{prompt}{TerminalText.Clean(editor.Text)}\u001b[K");
            var back = editor.Text.Length - editor.Cursor;
            if (back > 0 && !done)
                host.Out.Write($"\u001b[{back}D");
            if (!done)
                continue;
            host.Out.WriteLine();
            return editor.Text;
        }
    }
}

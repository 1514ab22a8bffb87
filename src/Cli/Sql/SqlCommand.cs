using System.CommandLine;
using System.Text;
using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary><c>rollbook sql</c>: one statement, or a prompt.</summary>
internal static class SqlCommand
{
    private const string About = """
        Read episodes, steps and scores by SQL.

        The views are episodes, steps and scores; the language is DuckDB's. The statement comes from the command line, from a --file, from the standard input
        (-), or is asked for at a prompt, which keeps a history (cursor keys) and completes names (Tab). Episodes are at most two seconds behind; steps
        and scores are as of the last pack, or as of now with --fresh. An answer with too many columns for a table is shown a block a row. --json prints the
        whole answer, --csv comma-separated values.

        Examples:
          rollbook sql "SELECT task, count(*), avg(final_score) FROM episodes GROUP BY task ORDER BY 3"
          rollbook sql --csv --file weekly.sql > weekly.csv
          echo "FROM steps WHERE error IS NOT NULL LIMIT 20" | rollbook sql -
          rollbook sql
        """;

    // The recorder's own limit is 30 s unless it is told otherwise, and it answers then: sending the statement again would only double its load.
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromMinutes(65);
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(5);

    public static Command Create(ConnectionOptions connection, CliHost host)
    {
        var statement = new Argument<string?>("SQL") { Description = "One statement that reads, or - for the standard input. Without it: a prompt.", Arity = ArgumentArity.ZeroOrOne };
        var file = new Option<string?>("--file") { Description = "A file with the statement.", HelpName = "FILE" };
        var csv = new Option<bool>("--csv") { Description = "Comma-separated values; texts that a spreadsheet takes for formulas get an apostrophe." };
        var fresh = new Option<bool>("--fresh") { Description = "Archive what the recorder holds first." };
        var rows = new Option<int?>("--max-rows") { Description = "At most so many rows. Default: 1000 in a table, else the recorder's limit.", HelpName = "N" };
        var command = DetailedHelp.NewCommand("sql", About);
        command.Add(statement);
        foreach (var option in (Option[])[file, csv, fresh, rows])
            command.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetResult(statement) is { Tokens.Count: > 0 } && result.GetResult(file) is not null)
                result.AddError("Give the statement or a --file, not both.");
            if (result.GetValue(csv) && result.GetValue(connection.Json))
                result.AddError("Give --json or --csv, not both.");
            if (result.GetValue(rows) < 1)
                result.AddError("--max-rows must be at least 1.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = connection.Connect(parsed, GiveUpAfter, AnswerWithin);
            var run = new SqlRunner(client, host, connection.Console(parsed))
            {
                Json = parsed.GetValue(connection.Json), Csv = parsed.GetValue(csv), Fresh = parsed.GetValue(fresh), MaxRows = parsed.GetValue(rows),
            };
            var text = parsed.GetValue(statement);
            if (parsed.GetValue(file) is { } path)
                text = await File.ReadAllTextAsync(path, cancellationToken);
            else if (text == "-" || (text is null && !host.InIsTerminal))
                text = await new StreamReader(host.In(), Encoding.UTF8).ReadToEndAsync(cancellationToken);
            if (text is null)
                return await SqlPrompt.RunAsync(run, host, cancellationToken);

            try
            {
                await run.RunAsync(text, cancellationToken);
                return ExitCode.Ok;
            }
            catch (RollbookException e) when (e.Line is not null)
            {
                throw new CliException(ExitCode.Failed, e.Code, SqlRunner.Explain(e, text));
            }
        });
        return command;
    }
}

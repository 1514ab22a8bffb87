using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace Rollbook.Cli;

/// <summary><c>rollbook ls</c>: episodes by filter.</summary>
internal static class ListCommand
{
    private const string About = """
        List episodes, the newest first.

        All filters must hold; of several values of one option, one must (of several labels, all). Running episodes are listed too. --json prints an
        episode a line.

        Examples:
          rollbook ls --status lost --since 2026-01-31
          rollbook ls --task org/repo#12 --order -score --limit 10
          rollbook ls --label pinned --all --json | jq -r .episode_id
        """;

    private const int PageSize = 1_000;

    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(15);

    public static Command Create(ConnectionOptions connection, CliHost host)
    {
        var filters = new FilterOptions();
        var order = new Option<string>("--order") { Description = "start_time, end_time, score, steps or duration; with - before it the greatest first.", HelpName = "KEY", DefaultValueFactory = _ => "-start_time" };
        order.CompletionSources.Add("start_time", "-start_time", "end_time", "-end_time", "score", "-score", "steps", "-steps", "duration", "-duration");
        var limit = new Option<int>("--limit") { Description = "At most so many.", HelpName = "N", DefaultValueFactory = _ => 50 };
        limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
                result.AddError("--limit must be at least 1.");
        });
        var all = new Option<bool>("--all") { Description = "All of them, however many." };
        var command = DetailedHelp.NewCommand("ls", About);
        filters.AddTo(command);
        command.Add(order);
        command.Add(limit);
        command.Add(all);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var json = parsed.GetValue(connection.Json);
            var wanted = parsed.GetValue(all) ? long.MaxValue : parsed.GetValue(limit);
            using var client = connection.Connect(parsed, GiveUpAfter);
            var table = json ? null : new EpisodeTable();
            string? cursor = null;
            long shown = 0;
            do
            {
                var parameters = filters.Read(parsed);
                parameters.Add(KeyValuePair.Create("order", parsed.GetRequiredValue(order)));
                parameters.Add(KeyValuePair.Create("limit", Math.Min(PageSize, wanted - shown).ToString(CultureInfo.InvariantCulture)));
                if (cursor is not null)
                    parameters.Add(KeyValuePair.Create("cursor", cursor));
                using var page = JsonDocument.Parse(await client.ListEpisodesJsonAsync(parameters, cancellationToken));
                foreach (var item in page.RootElement.GetProperty("items").EnumerateArray())
                {
                    shown++;
                    if (table is null)
                        await host.Out.WriteLineAsync(host.OutIsTerminal ? TerminalText.EscapeJson(item.GetRawText()) : item.GetRawText());
                    else
                        table.Add(item);
                }

                if (cursor is null)
                    JsonCells.NoteMissing(host, json, page.RootElement);
                cursor = page.RootElement.GetProperty("next_cursor").GetString();
            }
            while (cursor is not null && shown < wanted);

            if (table is not null)
                Draw(connection.Console(parsed), table, shown, cursor is not null);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Draw(IAnsiConsole console, EpisodeTable table, long shown, bool more)
    {
        if (shown == 0)
            console.Write(new Text("No such episodes.\n", new Style(Color.Grey)));
        else
            console.Write(table.Draw());
        if (more)
            console.Write(new Text("There are more: --limit N or --all.\n", new Style(Color.Grey)));
    }
}

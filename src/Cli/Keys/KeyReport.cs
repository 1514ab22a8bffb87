using System.Text.Json;
using Spectre.Console;

namespace Rollbook.Cli;

/// <summary>Keys for a person, or as the recorder's JSON.</summary>
internal sealed class KeyReport(CliHost host, IAnsiConsole console, bool json)
{
    /// <summary>A key that was made.</summary>
    public async Task MadeAsync(byte[] answer)
    {
        using var key = JsonDocument.Parse(answer);
        if (json)
        {
            await host.Out.WriteLineAsync(key.RootElement.GetRawText());
            return;
        }

        // The key alone on the standard output: it goes into a variable or a file as it is.
        await host.Out.WriteLineAsync(JsonCells.Text(key.RootElement, "key"));
        await host.Out.FlushAsync();
        CliMessages.Note(host, json: false, $"this is the key {JsonCells.Text(key.RootElement, "id")}, shown this once: keep it where only its user reads it. {Rights(key.RootElement)}.");
    }

    /// <summary>A key that was revoked.</summary>
    public async Task RevokedAsync(byte[] answer)
    {
        using var key = JsonDocument.Parse(answer);
        await host.Out.WriteLineAsync(json ? key.RootElement.GetRawText() : $"{JsonCells.Text(key.RootElement, "id")} {JsonCells.Text(key.RootElement, "state")}");
    }

    /// <summary>All keys.</summary>
    public async Task ListAsync(byte[] answer)
    {
        using var page = JsonDocument.Parse(answer);
        var items = page.RootElement.GetProperty("items");
        if (json)
        {
            foreach (var key in items.EnumerateArray())
                await host.Out.WriteLineAsync(host.OutIsTerminal ? TerminalText.EscapeJson(key.GetRawText()) : key.GetRawText());
            return;
        }

        var table = new Table().Border(TableBorder.None).AddColumns(
            Head("id").NoWrap(), Head("name"), Head("project"), Head("scopes"), Head("state").NoWrap(), Head("made").NoWrap(), Head("expires").NoWrap(), Head("last used").NoWrap());
        foreach (var key in items.EnumerateArray())
        {
            table.AddRow(
                new Text(JsonCells.Text(key, "id")),
                new Text(JsonCells.Text(key, "name")),
                new Text(JsonCells.Text(key, "project")),
                new Text(Scopes(key)),
                new Text(JsonCells.Text(key, "state"), new Style(JsonCells.Text(key, "state") == "valid" ? Color.Green : Color.Yellow)),
                new Text(Times.Stamp(JsonCells.Number(key, "created_at"))),
                new Text(Times.Stamp(JsonCells.Number(key, "expires_at"))),
                new Text(Times.Stamp(JsonCells.Number(key, "last_used_at"))));
        }

        console.Write(items.GetArrayLength() == 0 ? new Text("No keys.\n", new Style(Color.Grey)) : table);
    }

    private static TableColumn Head(string name) => new(new Text(name, new Style(Color.Grey)));

    private static string Scopes(JsonElement key) => string.Join(' ', key.GetProperty("scopes").EnumerateArray().Select(JsonCells.Text));

    private static string Rights(JsonElement key)
    {
        var project = JsonCells.Text(key, "project");
        var expires = Times.Stamp(JsonCells.Number(key, "expires_at"));
        return $"It may {Scopes(key)} in {(project == "*" ? "every project" : $"the project {project}")}{(expires.Length > 0 ? $", until {expires}" : "")}";
    }
}

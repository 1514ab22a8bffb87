using System.Text.Json;
using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary>The episodes that a command line means, each once, by their ids.</summary>
internal static class ExportSelection
{
    private const int PageSize = 1_000;

    /// <summary>Those that are named.</summary>
    public static async Task<IReadOnlyList<ExportItem>> NamedAsync(RollbookHttpClient client, IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var found = new SortedDictionary<string, ExportItem>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            try
            {
                var episode = await EpisodeName.FindAsync(client, name, cancellationToken);
                found[episode.EpisodeId] = new ExportItem(episode.EpisodeId, episode.StepCount, episode.IsRunning);
            }
            catch (RollbookException damaged) when (damaged.Code == "damaged" && EpisodeName.IsId(name))
            {
                // Its record can't be read. The export leaves it out and tells of it, like any other that is damaged.
                found[name] = new ExportItem(name, 0, false);
            }
        }

        return [.. found.Values];
    }

    /// <summary>Looks whether any fits a filter as of now, and tells of logs that did not answer.</summary>
    /// <exception cref="CliException">None does.</exception>
    public static async Task CheckAsync(
        RollbookHttpClient client, IReadOnlyList<KeyValuePair<string, string>> filter, CliHost host, bool json, CancellationToken cancellationToken)
    {
        using var page = JsonDocument.Parse(await client.ListEpisodesJsonAsync([.. filter, new("limit", "1"), new("fresh", "true")], cancellationToken));
        JsonCells.NoteMissing(host, json, page.RootElement);
        if (page.RootElement.GetProperty("items").GetArrayLength() == 0)
            throw NoneFits();
    }

    /// <summary>Those that fit a filter as of now.</summary>
    public static async Task<IReadOnlyList<ExportItem>> FilteredAsync(
        RollbookHttpClient client, IReadOnlyList<KeyValuePair<string, string>> filter, CliHost host, bool json, CancellationToken cancellationToken)
    {
        var found = new List<ExportItem>();
        string? cursor = null;
        do
        {
            List<KeyValuePair<string, string>> parameters = [.. filter, new("order", "episode_id"), new("limit", $"{PageSize}")];
            // The first page waits for what is recorded now; those behind it go on from there.
            parameters.Add(cursor is null ? new("fresh", "true") : new("cursor", cursor));
            using var page = JsonDocument.Parse(await client.ListEpisodesJsonAsync(parameters, cancellationToken));
            if (cursor is null)
                JsonCells.NoteMissing(host, json, page.RootElement);
            foreach (var item in page.RootElement.GetProperty("items").EnumerateArray())
                found.Add(new ExportItem(item.GetProperty("episode_id").GetString()!, item.GetProperty("step_count").GetInt64(), item.GetProperty("status").ValueEquals("running")));
            cursor = page.RootElement.GetProperty("next_cursor").GetString();
        }
        while (cursor is not null);
        return found.Count > 0
            ? found
            : throw NoneFits();
    }

    private static CliException NoneFits() =>
        new(ExitCode.NotFound, "not_found", "No episode fits these filters. 'rollbook ls' with the same ones shows what does; leave one out.");
}

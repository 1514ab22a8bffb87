using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary>The episodes that a command line names, each once, by their ids.</summary>
internal static class ExportSelection
{
    public static async Task<IReadOnlyList<ExportItem>> FindAsync(
        RollbookHttpClient client, IEnumerable<string> names, IEnumerable<string> workers, CancellationToken cancellationToken)
    {
        var found = new SortedDictionary<string, ExportItem>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var episode = await EpisodeName.FindAsync(client, name, cancellationToken);
            found[episode.EpisodeId] = new ExportItem(episode.EpisodeId, episode.StepCount, episode.IsRunning);
        }

        foreach (var worker in workers)
        {
            var info = await client.GetWorkerAsync(worker, cancellationToken);
            foreach (var episode in info.History.Concat(info.Current is { } current ? [current] : []))
                found[episode.EpisodeId] = new ExportItem(episode.EpisodeId, episode.StepCount, episode.Status == "running");
        }

        return [.. found.Values];
    }
}

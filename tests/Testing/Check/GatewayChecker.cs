using Rollbook.Client;

namespace Rollbook.Testing;

/// <summary>Reads back what a <see cref="GatewayLoad"/> recorded: all of it was acknowledged before its episodes ended.</summary>
internal static class GatewayChecker
{
    public static async Task<CheckReport> CheckAsync(RollbookHttpClient http, RollbookClient client, int seed, GatewayLoad load)
    {
        var report = new CheckReport();
        for (var worker = 0; worker < load.Episodes.Length; worker++) await CheckAsync(http, client, seed, worker, load.Episodes[worker], report);
        return report;
    }

    private static async Task CheckAsync(
        RollbookHttpClient http, RollbookClient client, int seed, int worker, (EpisodeId Id, long Acknowledged) episode, CheckReport report)
    {
        var name = $"episode {episode.Id} of worker {worker}";
        var ordinal = 0L;
        await foreach (var line in http.ReadStepsAsync($"{episode.Id}"))
        {
            if (Checker.Difference(StepContent.Json(seed, worker, 0, ordinal), line.Json, ordinal) is { } difference) report.Wrong.Enqueue($"{name}, step {ordinal}: {difference}");
            ordinal++;
        }

        report.Count(episode.Acknowledged, ordinal);
        if (ordinal < episode.Acknowledged) report.Lost.Enqueue($"{name}: {episode.Acknowledged} steps acknowledged, {ordinal} there");
        if (ordinal > episode.Acknowledged) report.Wrong.Enqueue($"{name}: {episode.Acknowledged} steps recorded, {ordinal} there");
        var record = (await client.ReadEpisodeAsync(episode.Id)).Record;
        if ((record.Status, record.FinalScore, record.StepCount) != (EpisodeStatus.Completed, worker / 100.0, ordinal))
            report.Wrong.Enqueue($"{name}: {record.Status} with {record.FinalScore} and {record.StepCount} steps");
        var known = await client.ReadWorkerAsync(GatewayLoad.NameOf(worker));
        if (known is not { Current: null, History: [var only] } || only.Id != episode.Id)
            report.Wrong.Enqueue($"worker {worker} has other episodes than {episode.Id}: {string.Join(' ', known?.History.Select(entry => $"{entry.Id} {entry.Status}") ?? [])}");
    }
}

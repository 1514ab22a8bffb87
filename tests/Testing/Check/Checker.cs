using System.Text.Json;
using Rollbook.Client;

namespace Rollbook.Testing;

/// <summary>Reads everything back and compares it with what the workers know.</summary>
internal static class Checker
{
    public static async Task<CheckReport> CheckAsync(RollbookHttpClient client, IEnumerable<IReadOnlyList<EpisodeJournal>> journals)
    {
        var report = new CheckReport();
        await Parallel.ForEachAsync(
            journals,
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (episodes, _) =>
            {
                // First: what a crash left between a worker's start and the end of its episode before is repaired by the worker's next access.
                if (episodes.Count > 0) await CheckWorkerAsync(client, episodes, report);
                for (var i = 0; i < episodes.Count; i++) await CheckAsync(client, episodes[i], i == episodes.Count - 1, report);
            });
        return report;
    }

    private static async Task CheckAsync(RollbookHttpClient client, EpisodeJournal journal, bool isLast, CheckReport report)
    {
        if (journal.Started is not { } started) return;
        var name = $"episode {started.EpisodeId} (worker {journal.Worker}, number {journal.Episode})";
        EpisodeInfo info;
        try
        {
            info = await client.GetEpisodeAsync(started.EpisodeId);
        }
        catch (RollbookException error) when (error.Code == "episode_not_found")
        {
            report.Lost.Enqueue($"{name}: its start was acknowledged, and it is not there");
            return;
        }

        var found = await CheckStepsAsync(client, journal, name, report);
        report.Count(journal.Acknowledged, found);
        if (found < journal.Acknowledged) report.Lost.Enqueue($"{name}: {journal.Acknowledged} steps acknowledged, {found} there");
        if (found > journal.Sent) report.Wrong.Enqueue($"{name}: {journal.Sent} steps sent, {found} there");
        if (info.NextOrdinal != found || info.StepCount != found)
            report.Wrong.Enqueue($"{name}: {found} steps there, but next_ordinal {info.NextOrdinal} and step_count {info.StepCount}");
        CheckEnding(journal, isLast, info, name, report);
    }

    private static async Task<long> CheckStepsAsync(RollbookHttpClient client, EpisodeJournal journal, string name, CheckReport report)
    {
        var ordinal = 0L;
        await foreach (var line in client.ReadStepsAsync(journal.Started!.EpisodeId))
        {
            if (Difference(journal.Step(ordinal), line.Json, ordinal) is { } difference) report.Wrong.Enqueue($"{name}, step {ordinal}: {difference}");
            ordinal++;
        }

        return ordinal;
    }

    /// <summary>What differs between a step as it was sent and as it is served; null where nothing does.</summary>
    public static string? Difference(ReadOnlyMemory<byte> sent, ReadOnlyMemory<byte> served, long ordinal)
    {
        using var before = JsonDocument.Parse(sent);
        using var after = JsonDocument.Parse(served);
        var fields = 0;
        foreach (var field in after.RootElement.EnumerateObject())
        {
            if (field.Name == "ordinal")
            {
                if (field.Value.GetInt64() != ordinal) return $"its ordinal is {field.Value}";
            }
            else if (field.Name != "received_at")
            {
                if (!before.RootElement.TryGetProperty(field.Name, out var was)) return $"{field.Name} was never sent";
                // The texts, not the values: 0.10 is to come back as 0.10.
                if (was.GetRawText() != field.Value.GetRawText()) return $"{field.Name} was {was.GetRawText()} and is {field.Value.GetRawText()}";
                fields++;
            }
        }

        var expected = before.RootElement.EnumerateObject().Count();
        return fields == expected ? null : $"{expected} fields were sent and {fields} are there";
    }

    private static void CheckEnding(EpisodeJournal journal, bool isLast, EpisodeInfo info, string name, CheckReport report)
    {
        var allowed = (journal.EndAcknowledged, journal.EndSent, isLast) switch
        {
            (true, _, _) => (string[])["completed"],
            (false, not null, true) => ["completed", "running"],
            (false, not null, false) => ["completed", "superseded"],
            (false, null, true) => ["running"],
            (false, null, false) => ["superseded"],
        };
        if (!allowed.Contains(info.Status))
            report.Wrong.Enqueue($"{name}: its status is {info.Status}, expected {string.Join(" or ", allowed)}");
        if (info.Status == "completed" && (info.FinalScore != journal.EndSent || info.EndCause != "submitted"))
            report.Wrong.Enqueue($"{name}: ended with {journal.EndSent} and 'submitted', read {info.FinalScore} and '{info.EndCause}'");
    }

    private static async Task CheckWorkerAsync(RollbookHttpClient client, IReadOnlyList<EpisodeJournal> episodes, CheckReport report)
    {
        var started = episodes.Where(journal => journal.Started is not null).Select(journal => journal.Started!.EpisodeId).ToList();
        if (started.Count == 0) return;
        var worker = await client.GetWorkerAsync(episodes[0].WorkerName);
        List<string> named = [.. worker.History.Select(entry => entry.EpisodeId)];
        if (worker.Current is { } current && !named.Contains(current.EpisodeId)) named.Add(current.EpisodeId);
        var expected = started.TakeLast(named.Count).ToList();
        if (named.Count < Math.Min(10, started.Count) || !named.SequenceEqual(expected))
            report.Wrong.Enqueue($"worker {episodes[0].WorkerName} names [{string.Join(' ', named)}], expected [{string.Join(' ', expected)}]");
    }
}

using System.Security.Cryptography;
using System.Text;
using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary>Makes an exported episode again, under its own id: content, times, ending, scores and labels.</summary>
/// <remarks>
/// A running one stays running, so that a later export of it can go on. An episode that is there already gets what it lacks, and the steps that it
/// has are compared.
/// </remarks>
internal sealed class ExportImporter(RollbookHttpClient client)
{
    private const string Writer = "rollbook-import";
    private const int ScoreBatch = 1_000;

    /// <returns>The status that it has now.</returns>
    /// <exception cref="ImportException">The recorder has something else under this id, or refused it for good.</exception>
    /// <exception cref="RollbookException">No answer could be had; a later import completes it.</exception>
    public async Task<string> ImportAsync(ExportedEpisode episode, CancellationToken cancellationToken)
    {
        var known = await FindAsync(episode, cancellationToken);
        if (known is null)
        {
            await client.StartAsync(episode.Worker, episode.Start with { Writer = Writer }, $"import-{episode.EpisodeId}", cancellationToken);
        }
        else if (known.StepCount < episode.StepCount && !known.IsRunning)
        {
            if (known.Status != "lost")
                throw new ImportException($"the episode {episode.EpisodeId} was ended there as {known.Status} with {known.StepCount} of its {episode.StepCount} steps.");
            await client.ResumeAsync(episode.EpisodeId, episode.Worker, Writer, cancellationToken: cancellationToken);
        }

        var steps = episode.Steps(cancellationToken);
        var there = Math.Min(known?.StepCount ?? 0, episode.StepCount);
        if (there > 0)
            await CompareAsync(episode.EpisodeId, steps.Take((int)there), there, cancellationToken);
        await StepSender.SendAsync(client, episode.EpisodeId, there, steps.Skip((int)there), _ => { }, cancellationToken);
        var now = await client.GetEpisodeAsync(episode.EpisodeId, cancellationToken);
        var status = await EndAsync(episode, now, cancellationToken);
        await AddScoresAsync(episode, now, cancellationToken);
        await AddLabelsAsync(episode, now, cancellationToken);
        return status;
    }

    private async Task<EpisodeInfo?> FindAsync(ExportedEpisode episode, CancellationToken cancellationToken)
    {
        EpisodeInfo known;
        try
        {
            known = await client.GetEpisodeAsync(episode.EpisodeId, cancellationToken);
        }
        catch (RollbookException e) when (e.Code == "episode_not_found")
        {
            return null;
        }

        var start = episode.Start;
        return known.Worker == episode.Worker && known.Task == start.Task && known.VariantId == start.VariantId
            && (start.StartTime is null || known.StartTime.Equals(start.StartTime.Value))
            ? known
            : throw new ImportException($"the recorder has another episode under the id {episode.EpisodeId}, of the worker '{known.Worker}'.");
    }

    private async Task CompareAsync(string episodeId, IAsyncEnumerable<ReadOnlyMemory<byte>> steps, long count, CancellationToken cancellationToken)
    {
        await using var mine = steps.GetAsyncEnumerator(cancellationToken);
        await foreach (var line in client.ReadStepsAsync(episodeId, 0, count, cancellationToken))
        {
            if (!await mine.MoveNextAsync() || !StepComparison.Same(mine.Current, line))
                throw new ImportException($"step {line.Ordinal} of the episode {episodeId} is another in the recorder than in the file.");
        }
    }

    private async Task<string> EndAsync(ExportedEpisode episode, EpisodeInfo now, CancellationToken cancellationToken)
    {
        // More steps than the file: it ran on, and the file is of an earlier moment.
        if (episode.Status == "running" || now.StepCount > episode.StepCount || (!now.IsRunning && (now.Status, episode.Status) != ("completed", "completed")))
            return now.Status;

        // Also where it ended so before: another score or cause is then a conflict that the recorder names.
        var end = new EpisodeEnd
        {
            NextOrdinal = episode.StepCount, FinalScore = episode.ReportedScore, EndCause = episode.EndCause, EndTime = episode.EndTime,
            Status = episode.Status == "completed" ? null : episode.Status,
        };
        return (await client.EndAsync(episode.EpisodeId, end, cancellationToken)).Status;
    }

    private async Task AddScoresAsync(ExportedEpisode episode, EpisodeInfo now, CancellationToken cancellationToken)
    {
        // Those that are there have a time of their own: sent with it they would be another body under the same id.
        var there = now.Scores.Select(score => score.EventId).ToHashSet(StringComparer.Ordinal);
        foreach (var batch in episode.Scores.Where(score => !there.Contains(score.EventId)).Chunk(ScoreBatch))
        {
            await foreach (var outcome in client.ScoreManyAsync([.. batch.Select(score => score.Json)], cancellationToken))
            {
                if (outcome is { Code: not null, Retry: true })
                    throw new RollbookException(outcome.Code, outcome.Detail ?? "A score has an unknown outcome.", retry: true);
                if (outcome.Code is not null)
                    throw new ImportException($"the score '{outcome.EventId}' was refused: {outcome.Detail} ({outcome.Code})");
            }
        }
    }

    private async Task AddLabelsAsync(ExportedEpisode episode, EpisodeInfo now, CancellationToken cancellationToken)
    {
        if (!episode.Labels.Except(now.Labels, StringComparer.Ordinal).Any())
            return;

        // One event for the file's labels, whatever is there: an import that is repeated doesn't bring back what a person took away since.
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', episode.Labels)));
        await client.LabelAsync(
            episode.EpisodeId, new LabelChange { EventId = $"import-{Convert.ToHexStringLower(hash[..16])}", Add = episode.Labels }, cancellationToken);
    }
}

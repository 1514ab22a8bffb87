using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary>Makes an exported episode again, under its own id: content, times, ending, scores and labels.</summary>
/// <remarks>
/// The recorder ends an episode by request as <c>completed</c> or <c>aborted</c> only: one that was superseded or lost becomes an aborted one whose
/// cause says so. A running one stays running, so that a later export of it can go on. An episode that is there already gets what it lacks, and
/// the steps that it has are compared: by what they say, since a step that was sent with fewer fields is served with their defaults.
/// </remarks>
internal sealed class ExportImporter(RollbookHttpClient client)
{
    private const string Writer = "rollbook-import";
    private const int CauseLength = 1_000;
    private const int ScoreBatch = 1_000;

    /// <returns>The status that it has now.</returns>
    /// <exception cref="ImportException">The recorder has something else under this id, or refused it for good.</exception>
    /// <exception cref="RollbookException">No answer could be had; a later import completes it.</exception>
    public async Task<string> ImportAsync(string path, ExportedEpisode episode, CancellationToken cancellationToken)
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

        var steps = ExportedFile.ReadStepsAsync(path, cancellationToken);
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
            if (!await mine.MoveNextAsync() || !Same(mine.Current, ExportedFile.Step(line.Json)))
                throw new ImportException($"step {line.Ordinal} of the episode {episodeId} is another in the recorder than in the file.");
        }
    }

    private static bool Same(ReadOnlyMemory<byte> one, ReadOnlyMemory<byte> other)
    {
        if (one.Span.SequenceEqual(other.Span))
            return true;
        // Another release may serve the fields in another order.
        var options = new JsonDocumentOptions { MaxDepth = 512 };
        using var left = JsonDocument.Parse(one, options);
        using var right = JsonDocument.Parse(other, options);
        return JsonElement.DeepEquals(left.RootElement, right.RootElement);
    }

    private async Task<string> EndAsync(ExportedEpisode episode, EpisodeInfo now, CancellationToken cancellationToken)
    {
        // More steps than the file: it ran on, and the file is of an earlier moment.
        if (episode.Status == "running" || now.StepCount > episode.StepCount || (!now.IsRunning && (now.Status, episode.Status) != ("completed", "completed")))
            return now.Status;

        if (episode.Status != "completed")
        {
            var ended = await client.AbortAsync(episode.EpisodeId, AbortCause(episode), cancellationToken);
            return ended.Status;
        }

        // Also where it ended so before: another score or cause is then a conflict that the recorder names.
        var end = new EpisodeEnd
        {
            NextOrdinal = episode.StepCount, FinalScore = episode.ReportedScore, EndCause = episode.EndCause, EndTime = episode.EndTime,
        };
        return (await client.EndAsync(episode.EpisodeId, end, cancellationToken)).Status;
    }

    private static string? AbortCause(ExportedEpisode episode)
    {
        if (episode.Status == "aborted")
            return episode.EndCause;
        var cause = episode.EndCause is null ? episode.Status
            : episode.EndCause.StartsWith(episode.Status, StringComparison.Ordinal) ? episode.EndCause
            : $"{episode.Status}: {episode.EndCause}";
        return cause.Length <= CauseLength ? cause : cause[..(char.IsHighSurrogate(cause[CauseLength - 1]) ? CauseLength - 1 : CauseLength)];
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

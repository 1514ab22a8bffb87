using System.Security.Cryptography;
using System.Text;
using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary>Records a mapped file, once however often it is imported and wherever an earlier import was cut off.</summary>
/// <remarks>
/// The episode's id is a hash of the file, its name and what it starts with, so that the recorder knows a repeat for ever, not only as long as it
/// keeps idempotency keys. Steps are sent from the start again: the recorder compares them with what it has, and a repeat can't duplicate.
/// </remarks>
internal sealed class EpisodeImporter(RollbookHttpClient client)
{
    /// <summary>One writer for all imports: the next one may go on at once where a killed one stopped.</summary>
    private const string Writer = "rollbook-import";

    // An episode that another start superseded, or that was aborted, can't be completed: the import begins another, and so on.
    private const int Generations = 16;

    /// <returns>The episode's id.</returns>
    /// <exception cref="ImportException">The recorder refused it for good.</exception>
    /// <exception cref="RollbookException">No answer could be had; a later import completes it.</exception>
    public async Task<string> ImportAsync(ImportedEpisode episode, Action<int> stepsSent, CancellationToken cancellationToken)
    {
        for (var generation = 0; generation < Generations; generation++)
        {
            var start = episode.Start with { EpisodeId = Id(episode, generation), Writer = Writer };
            var started = await client.StartAsync(episode.Worker, start, start.EpisodeId, cancellationToken);
            var record = await client.GetEpisodeAsync(started.EpisodeId, cancellationToken);
            if (record.Status == "lost")
            {
                await client.ResumeAsync(record.EpisodeId, episode.Worker, Writer, cancellationToken: cancellationToken);
            }
            else if (record.Status == "completed")
            {
                if (record.StepCount != episode.Steps.Count)
                    throw new ImportException($"the episode {record.EpisodeId} was ended with {record.StepCount} of its {episode.Steps.Count} steps by another client.");
                stepsSent(episode.Steps.Count);
                return record.EpisodeId;
            }
            else if (!record.IsRunning)
            {
                continue;
            }

            await AppendAsync(episode, record.EpisodeId, stepsSent, cancellationToken);
            return record.EpisodeId;
        }

        throw new ImportException($"all {Generations} episodes that were begun for it were superseded or aborted. Let nothing else write as the worker '{episode.Worker}'.");
    }

    private async Task AppendAsync(ImportedEpisode episode, string id, Action<int> stepsSent, CancellationToken cancellationToken)
    {
        try
        {
            await StepSender.SendAsync(client, id, 0, episode.Steps.ToAsyncEnumerable(), stepsSent, cancellationToken);
            await client.EndAsync(id, new EpisodeEnd { NextOrdinal = episode.Steps.Count, EndCause = episode.EndCause }, cancellationToken);
        }
        catch (RollbookException e) when (!e.Retry)
        {
            // Else it would stand as running until its deadline, and then as lost without a reason.
            await client.AbortAsync(id, $"import failed: {e.Code}", cancellationToken);
            throw;
        }
    }

    /// <summary>A ULID with time 0, since a file has no trustworthy time, and 80 bits of hash.</summary>
    private static string Id(ImportedEpisode episode, int generation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(episode.FileHash);
        hash.AppendData(Encoding.UTF8.GetBytes($"{episode.Worker}\0{generation}\0"));
        hash.AppendData(episode.Start.ToJson());
        var digest = hash.GetHashAndReset();

        Span<char> id = stackalloc char[26];
        id[..10].Fill('0');
        // 5 bits a character, from the front of the digest.
        for (var i = 0; i < 16; i++)
        {
            var bit = i * 5;
            var word = (digest[bit / 8] << 8) | digest[(bit / 8) + 1];
            id[10 + i] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[(word >> (11 - (bit % 8))) & 31];
        }

        return new string(id);
    }
}

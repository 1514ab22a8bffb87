using System.Buffers;
using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary>Sends one record as the client that wrote it would have. A record that was sent before changes nothing.</summary>
internal sealed class SpoolSender(RollbookHttpClient client)
{
    private const string Writer = "rollbook-import";

    // What no repeat can change. All else leaves the file as it is: an answer of something that is no recorder must not empty a spool.
    private static readonly HashSet<string> Final = new(StringComparer.Ordinal)
    {
        "bad_json", "bad_request", "episode_not_found", "ordinal_gap", "ordinal_conflict", "episode_ended", "episode_exists", "end_conflict",
        "score_conflict", "field_conflict", "writer_fenced", "idempotency_conflict", "too_large", "damaged",
    };

    private readonly HashSet<string> _resumed = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>True where the recorder refused a record for good.</summary>
    public static bool IsFinal(RollbookException refusal) => !refusal.Retry && Final.Contains(refusal.Code);

    public async Task SendAsync(SpoolRecord record, CancellationToken cancellationToken)
    {
        try
        {
            await SendOnceAsync(record, cancellationToken);
        }
        catch (RollbookException e) when (e.Code is "episode_ended" or "end_conflict" && record.Do is "steps" or "end")
        {
            // The client was silent for longer than the deadline because its records lay here.
            var episode = await client.GetEpisodeAsync(record.EpisodeId!, cancellationToken);
            if (episode.Status != "lost")
                throw;
            await client.ResumeAsync(episode.EpisodeId, episode.Worker, Writer, cancellationToken: cancellationToken);
            _resumed.Add(episode.EpisodeId);
            await SendOnceAsync(record, cancellationToken);
        }
    }

    private Task SendOnceAsync(SpoolRecord record, CancellationToken cancellationToken) => record.Do switch
    {
        "start" => client.StartAsync(record.Worker!, record.Body, record.Key!, cancellationToken),
        "steps" => StepSender.SendAsync(client, record.EpisodeId!, record.From, record.Steps.ToAsyncEnumerable(), _ => { }, cancellationToken),
        "end" => client.EndAsync(record.EpisodeId!, EndBody(record), cancellationToken),
        "score" => client.ScoreAsync(record.EpisodeId!, record.Body, cancellationToken),
        "label" => client.LabelAsync(record.EpisodeId!, record.Body, cancellationToken),
        _ => throw new InvalidOperationException(record.Do),
    };

    /// <summary>The end as it stands; without its epoch where our own resume made that an old one.</summary>
    private ReadOnlyMemory<byte> EndBody(SpoolRecord record)
    {
        if (!_resumed.Contains(record.EpisodeId!))
            return record.Body;
        var body = new ArrayBufferWriter<byte>();
        using (var json = new RawObject(record.Body))
            json.WriteAllBut(body, "writer_epoch");
        body.Write("}"u8);
        return body.WrittenMemory;
    }
}

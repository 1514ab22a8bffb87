using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary>
/// Sends one record as the client that wrote it would have, under its writer's epoch: what comes late writes nothing into an episode that another writer has taken over. A
/// record that was sent before changes nothing.
/// </summary>
internal sealed class SpoolSender(RollbookHttpClient client, SpoolEpochs epochs)
{
    private const string Writer = "rollbook-import";

    // What no repeat can change. All else leaves the file as it is: an answer of something that is no recorder must not empty a spool.
    private static readonly HashSet<string> Final = new(StringComparer.Ordinal)
    {
        "bad_json", "bad_request", "episode_not_found", "ordinal_gap", "ordinal_conflict", "episode_ended", "episode_exists", "end_conflict",
        "score_conflict", "field_conflict", "writer_fenced", "idempotency_conflict", "too_large", "damaged", "unknown_blob", "bad_hash",
    };

    private static readonly HashSet<string> AboutTheEpisode = new(StringComparer.Ordinal) { "episode_ended", "episode_not_found", "writer_fenced", "damaged" };

    private readonly Dictionary<string, int> _leftOut = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>True where the recorder refused a record for good.</summary>
    public static bool IsFinal(RollbookException refusal) => !refusal.Retry && Final.Contains(refusal.Code);

    /// <summary>True where each step of the record meets the same refusal: it is about the episode.</summary>
    public static bool IsAboutTheEpisode(RollbookException refusal) => AboutTheEpisode.Contains(refusal.Code);

    /// <summary>The step is refused for good and alone: those behind it, and the end, move up by one.</summary>
    public void LeaveOut(string episodeId) => _leftOut[episodeId] = _leftOut.GetValueOrDefault(episodeId) + 1;

    public async Task SendAsync(SpoolRecord record, CancellationToken cancellationToken)
    {
        try
        {
            await SendOnceAsync(record, cancellationToken);
        }
        catch (RollbookException e) when (e.Code is "episode_ended" or "end_conflict" && record.Do is "steps" or "end")
        {
            // The client was silent for longer than the deadline because its records lay here. Nobody has taken the episode over: that would be writer_fenced.
            if (!await ReopenAsync(record, cancellationToken))
                throw;
            await SendOnceAsync(record, cancellationToken);
        }
    }

    private async Task<bool> ReopenAsync(SpoolRecord record, CancellationToken cancellationToken)
    {
        if (epochs.HasReopened(record.EpisodeId!))
            return false;
        var episode = await client.GetEpisodeAsync(record.EpisodeId!, cancellationToken);
        if (episode.Status != "lost")
            return false;
        var resumed = await client.ResumeAsync(episode.EpisodeId, episode.Worker, Writer, cancellationToken: cancellationToken);
        // Where somebody took it over in between, the records would stand among theirs.
        if (epochs.Of(record.EpisodeId!, record.WriterEpoch) is { } ours && resumed.WriterEpoch > ours + 1)
            return false;
        epochs.Reopened(record.EpisodeId!, resumed.WriterEpoch);
        return true;
    }

    private Task SendOnceAsync(SpoolRecord record, CancellationToken cancellationToken) => record.Do switch
    {
        "start" => client.StartAsync(record.Worker!, record.Body, record.Key!, cancellationToken),
        "steps" => StepSender.SendAsync(
            client, record.EpisodeId!, record.From - LeftOut(record), record.Steps.ToAsyncEnumerable(), _ => { }, cancellationToken, epochs.Of(record.EpisodeId!, record.WriterEpoch)),
        "end" => client.EndAsync(record.EpisodeId!, EndBody(record), cancellationToken),
        "score" => client.ScoreAsync(record.EpisodeId!, record.Body, cancellationToken),
        "label" => client.LabelAsync(record.EpisodeId!, record.Body, cancellationToken),
        "blob" => client.PutBlobAsync(record.Key!, record.Body, cancellationToken),
        _ => throw new InvalidOperationException(record.Do),
    };

    private int LeftOut(SpoolRecord record) => _leftOut.GetValueOrDefault(record.EpisodeId!);

    /// <summary>The end as it stands; under the epoch of our own resumption, and without the steps that were left out, where that makes a difference.</summary>
    private ReadOnlyMemory<byte> EndBody(SpoolRecord record)
    {
        var epoch = epochs.Of(record.EpisodeId!, record.WriterEpoch);
        if (epoch == record.WriterEpoch && LeftOut(record) == 0)
            return record.Body;
        var body = new ArrayBufferWriter<byte>();
        using (var json = new RawObject(record.Body))
        {
            json.WriteAllBut(body, "writer_epoch", "next_ordinal");
            if (json["next_ordinal"] is { ValueKind: JsonValueKind.Number } next && next.TryGetInt64(out var ordinal))
                Write("next_ordinal", ordinal - LeftOut(record));
        }

        if (epoch is { } own)
            Write("writer_epoch", own);
        body.Write("}"u8);
        return body.WrittenMemory;

        void Write(string name, long value) =>
            body.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{(body.WrittenCount > 1 ? "," : "")}\"{name}\":{value}")));
    }
}

using System.Buffers;
using System.Text.Json;
using static Rollbook.Episodes.FrameJson;

namespace Rollbook.Episodes;

/// <summary>
/// A tail as the payload of a start, end, resume, patch or owned frame: one JSON object, so that later releases add fields and older ones pass
/// over them. Hashes are written only where asked for, as base 64 of 16-byte big-endian values, oldest first.
/// </summary>
public static class TailCodec
{
    /// <summary>Writes a tail.</summary>
    public static void Write(IBufferWriter<byte> to, EpisodeTail tail, bool withHashes)
    {
        using var json = new Utf8JsonWriter(to, FrameJson.Raw);
        var record = tail.Record;
        json.WriteStartObject();
        json.WriteString("worker"u8, record.Worker);
        json.WriteString("task"u8, record.Task);
        json.WriteString("variant_id"u8, record.VariantId);
        WriteNumber(json, "start_time"u8, record.StartTime);
        WriteNumber(json, "end_time"u8, record.EndTime);
        json.WriteNumber("status"u8, (int)record.Status);
        WriteText(json, "end_cause"u8, record.EndCause);
        WriteNumber(json, "final_score"u8, record.ReportedScore);
        json.WriteNumber("total_steps"u8, tail.TotalSteps);
        json.WriteNumber("step_count"u8, tail.NextOrdinal);
        WriteText(json, "metadata"u8, record.Metadata);
        WriteText(json, "initial_observation"u8, record.InitialObservation);
        WriteText(json, "group_id"u8, record.GroupId);
        if (record.Attempt is { } attempt) json.WriteNumber("attempt"u8, attempt);
        if (record.Seed is { } seed) json.WriteNumber("seed"u8, seed);
        WriteText(json, "policy_version"u8, record.PolicyVersion);
        WriteText(json, "environment"u8, record.Environment);
        WriteText(json, "parent"u8, record.ParentEpisodeId?.ToString());
        WriteNumber(json, "deadline"u8, record.DeadlineSeconds);
        WriteHash(json, "start_hash"u8, record.StartHash);
        json.WriteNumber("writer_epoch"u8, tail.WriterEpoch);
        WriteText(json, "writer"u8, tail.Writer);
        WriteSummary(json, tail.Summary);
        if (tail.Events is { } events) EventSetCodec.Write(json, events);
        if (withHashes) WriteHashes(json, tail);
        json.WriteEndObject();
    }

    /// <summary>Reads a tail.</summary>
    /// <exception cref="JsonException">The payload is not a tail.</exception>
    public static EpisodeTail Read(EpisodeKey key, ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload);
        using var document = JsonDocument.ParseValue(ref reader);
        var json = document.RootElement;
        var reported = Number(json, "final_score"u8);
        var record = new EpisodeRecord
        {
            Key = key,
            Worker = Text(json, "worker"u8) ?? "",
            Task = Text(json, "task"u8) ?? "",
            VariantId = Text(json, "variant_id"u8) ?? "",
            StartTime = Number(json, "start_time"u8) ?? 0,
            EndTime = Number(json, "end_time"u8),
            Status = (EpisodeStatus)(Integer(json, "status"u8) ?? 0),
            EndCause = Text(json, "end_cause"u8),
            FinalScore = reported,
            TotalSteps = Integer(json, "total_steps"u8) ?? 0,
            StepCount = Integer(json, "step_count"u8) ?? 0,
            Metadata = Text(json, "metadata"u8),
            InitialObservation = Text(json, "initial_observation"u8),
            GroupId = Text(json, "group_id"u8),
            Attempt = (int?)Integer(json, "attempt"u8),
            Seed = Integer(json, "seed"u8),
            PolicyVersion = Text(json, "policy_version"u8),
            Environment = Text(json, "environment"u8),
            ParentEpisodeId = Text(json, "parent"u8) is { } parent ? EpisodeId.Parse(parent) : null,
            DeadlineSeconds = Number(json, "deadline"u8) ?? 1800,
            StartHash = Hash(json, "start_hash"u8),
            ReportedScore = reported,
        };
        var tail = new EpisodeTail(record, ReadSummary(json), Integer(json, "writer_epoch"u8) ?? 0, Text(json, "writer"u8), EventSetCodec.Read(json));
        if (json.TryGetProperty("hashes"u8, out var hashes)) ReadHashes(tail, hashes.GetBytesFromBase64());
        return tail;
    }

    private static void WriteSummary(Utf8JsonWriter json, StepSummary sums)
    {
        json.WriteNumber("errors"u8, sums.Errors);
        json.WriteNumber("flagged"u8, sums.Flagged);
        WriteNumber(json, "reward_sum"u8, sums.RewardSum);
        WriteNumber(json, "cumulative_reward"u8, sums.CumulativeReward);
        WriteNumber(json, "pass_rate"u8, sums.LastPassRate);
        json.WriteNumber("last_received_at"u8, sums.LastReceivedAt);
    }

    private static StepSummary ReadSummary(JsonElement json) => new()
    {
        Errors = Integer(json, "errors"u8) ?? 0,
        Flagged = Integer(json, "flagged"u8) ?? 0,
        RewardSum = Number(json, "reward_sum"u8) ?? 0,
        CumulativeReward = Number(json, "cumulative_reward"u8) ?? 0,
        LastPassRate = Number(json, "pass_rate"u8),
        LastReceivedAt = Integer(json, "last_received_at"u8) ?? 0,
    };

    private static void WriteHashes(Utf8JsonWriter json, EpisodeTail tail)
    {
        var bytes = new byte[tail.Hashes.Count * 16];
        var first = tail.Hashes.Next - tail.Hashes.Count;
        for (var i = 0; i < tail.Hashes.Count; i++)
        {
            tail.Hashes.TryGet(first + i, out var hash);
            System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(i * 16), hash);
        }

        json.WriteBase64String("hashes"u8, bytes);
    }

    private static void ReadHashes(EpisodeTail tail, byte[] bytes)
    {
        tail.Hashes.Reset(tail.NextOrdinal - (bytes.Length / 16));
        for (var i = 0; i < bytes.Length; i += 16)
            tail.Hashes.Add(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes.AsSpan(i)));
    }
}

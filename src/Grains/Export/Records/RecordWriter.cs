using System.Text.Json;

namespace Rollbook.Export;

/// <summary>Writes an episode's record.</summary>
internal static class RecordWriter
{
    private static readonly JsonNamingPolicy Snake = JsonNamingPolicy.SnakeCaseLower;

    /// <summary>The members that stand before the score events, into an object that the caller opened.</summary>
    public static void WriteHead(Utf8JsonWriter writer, EpisodeRecord record)
    {
        writer.WriteString("episode_id"u8, record.Key.Id.ToString());
        writer.WriteString("project"u8, record.Key.Project);
        writer.WriteString("worker"u8, record.Worker);
        writer.WriteString("task"u8, record.Task);
        writer.WriteString("variant_id"u8, record.VariantId);
        writer.WriteString("group_id"u8, record.GroupId);
        WriteInteger(writer, "attempt"u8, record.Attempt);
        WriteInteger(writer, "seed"u8, record.Seed);
        writer.WriteString("policy_version"u8, record.PolicyVersion);
        writer.WriteString("environment"u8, record.Environment);
        writer.WriteString("parent_episode_id"u8, record.ParentEpisodeId?.ToString());
        WriteTimes(writer, record);
        writer.WriteString("status"u8, Snake.ConvertName(record.Status.ToString()));
        writer.WriteString("end_cause"u8, record.EndCause);
        writer.WriteNumber("final_score"u8, record.FinalScore);
        writer.WriteNumber("reported_score"u8, record.ReportedScore);
    }

    /// <summary>One score event.</summary>
    public static void WriteScore(Utf8JsonWriter writer, ScoreEvent score)
    {
        writer.WriteStartObject();
        writer.WriteString("event_id"u8, score.EventId);
        writer.WriteString("name"u8, score.Name);
        writer.WriteNumber("value"u8, score.Value);
        writer.WriteString("source"u8, score.Source);
        writer.WriteString("rationale"u8, score.Rationale);
        writer.WriteRaw("metadata"u8, score.Metadata);
        writer.WriteNumber("time"u8, score.Time);
        writer.WriteEndObject();
    }

    /// <summary>The members that stand behind the score events.</summary>
    public static void WriteFoot(Utf8JsonWriter writer, EpisodeRecord record, long writerEpoch)
    {
        WriteFoot(writer, record);
        writer.WriteNumber("writer_epoch"u8, writerEpoch);
    }

    /// <summary>The same without the writer, whom only the owner knows.</summary>
    public static void WriteFoot(Utf8JsonWriter writer, EpisodeRecord record)
    {
        WriteLabelsAndCounts(writer, record);
        writer.WriteRaw("metadata"u8, record.Metadata);
        writer.WriteRaw("initial_observation"u8, record.InitialObservation);
        writer.WriteNumber("next_ordinal"u8, record.StepCount);
    }

    /// <summary>
    /// The members that stand behind the score events in an export: without what is of the moment, with what it takes to make the same episode, null where the
    /// caller gave no metadata or observation, and with the sums over the steps.
    /// </summary>
    public static void WriteExportFoot(Utf8JsonWriter writer, EpisodeRecord record, StepSummary summary)
    {
        WriteLabelsAndCounts(writer, record);
        writer.WriteNumber("deadline_seconds"u8, record.DeadlineSeconds);
        writer.WriteNumber("errors"u8, summary.Errors);
        writer.WriteNumber("flagged"u8, summary.Flagged);
        writer.WriteNumber("reward_sum"u8, (double?)summary.RewardSum);
        writer.WriteNumber("cumulative_reward"u8, (double?)summary.CumulativeReward);
        writer.WriteNumber("last_pass_rate"u8, summary.LastPassRate);
        writer.WriteRaw("metadata"u8, record.Metadata ?? "null");
        writer.WriteRaw("initial_observation"u8, record.InitialObservation ?? "null");
    }

    /// <summary>What stands before the steps in the shape of the single-process recorder.</summary>
    public static void WriteReferenceHead(Utf8JsonWriter writer, EpisodeRecord record)
    {
        writer.WriteString("episode_id"u8, record.Key.Id.ToString());
        writer.WriteString("task"u8, record.Task);
        writer.WriteString("variant_id"u8, record.VariantId);
        WriteTimes(writer, record);
    }

    /// <summary>What stands behind them. An episode without a score shows 0.0 here, as that recorder does.</summary>
    public static void WriteReferenceFoot(Utf8JsonWriter writer, EpisodeRecord record)
    {
        writer.WritePropertyName("final_score"u8);
        if (record.FinalScore is { } score) writer.WriteNumber(score);
        else writer.WriteRawValue("0.0"u8, skipInputValidation: true);
        writer.WriteNumber("total_steps"u8, record.TotalSteps);
        writer.WriteRaw("metadata"u8, record.Metadata);
    }

    private static void WriteLabelsAndCounts(Utf8JsonWriter writer, EpisodeRecord record)
    {
        writer.WriteStartArray("labels"u8);
        foreach (var label in record.Labels) writer.WriteStringValue(label);
        writer.WriteEndArray();
        writer.WriteNumber("total_steps"u8, record.TotalSteps);
        writer.WriteNumber("step_count"u8, record.StepCount);
    }

    private static void WriteTimes(Utf8JsonWriter writer, EpisodeRecord record)
    {
        writer.WriteNumber("start_time"u8, record.StartTime);
        writer.WriteNumber("end_time"u8, record.EndTime);
        writer.WriteNumber("duration_seconds"u8, Durations.Of(record.StartTime, record.EndTime));
    }

    /// <summary>A number that may be absent; one that is not finite goes by its name.</summary>
    public static void WriteNumber(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, double? value)
    {
        writer.WritePropertyName(name);
        if (value is { } number) writer.WriteNumber(number);
        else writer.WriteNullValue();
    }

    private static void WriteInteger(Utf8JsonWriter writer, ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } number) writer.WriteNumber(name, number);
        else writer.WriteNull(name);
    }

    private static void WriteRaw(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? json)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(json ?? "{}", skipInputValidation: true);
    }
}

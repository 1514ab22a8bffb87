using System.Text.Json;
using Rollbook.Query;

namespace Rollbook.Silo.Http;

/// <summary>Writes listings and statistics.</summary>
internal static class HistoryWriter
{
    /// <summary>A page.</summary>
    public static JsonReply Page<T>(ListPage<T> page, Action<Utf8JsonWriter, T> item) => new(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("items"u8);
        foreach (var row in page.Items)
        {
            writer.WriteStartObject();
            item(writer, row);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteString("next_cursor"u8, page.Next);
        Moment(writer, page.AsOf, page.Missing);
        writer.WriteEndObject();
    });

    /// <summary>The members of an episode: those of its record but for the score events and the writer, and its steps' sums.</summary>
    public static void Episode(Utf8JsonWriter writer, ListedEpisode episode)
    {
        var (record, summary) = episode;
        RecordWriter.WriteHead(writer, record);
        RecordWriter.WriteFoot(writer, record);
        writer.WriteNumber("deadline_seconds"u8, record.DeadlineSeconds);
        writer.WriteNumber("score_count"u8, record.ScoreCount);
        writer.WriteNumber("errors"u8, summary.Errors);
        writer.WriteNumber("flagged"u8, summary.Flagged);
        RecordWriter.WriteNumber(writer, "reward_sum"u8, summary.RewardSum);
        RecordWriter.WriteNumber(writer, "cumulative_reward"u8, summary.CumulativeReward);
        RecordWriter.WriteNumber(writer, "last_pass_rate"u8, summary.LastPassRate);
        RecordWriter.WriteNumber(writer, "last_received_at"u8, summary.LastReceivedAt == 0 ? null : UnixTime.Seconds(summary.LastReceivedAt));
    }

    /// <summary>The members of a worker.</summary>
    public static void Worker(Utf8JsonWriter writer, ListedWorker worker)
    {
        writer.WriteString("worker"u8, worker.Worker);
        writer.WriteString("status"u8, worker.CurrentEpisodeId is null ? "idle" : "running");
        writer.WriteString("current_episode_id"u8, worker.CurrentEpisodeId);
        writer.WriteString("last_episode_id"u8, worker.LastEpisodeId);
        writer.WriteString("task"u8, worker.Task);
        RecordWriter.WriteNumber(writer, "last_seen"u8, worker.LastSeen);
        writer.WriteNumber("episodes"u8, worker.Episodes);
        writer.WriteNumber("steps"u8, worker.Steps);
        Statuses(writer, worker.ByStatus);
    }

    /// <summary>Statistics.</summary>
    public static JsonReply Stats(StatsRequest request, EpisodeStats stats) => new(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("groups"u8);
        foreach (var group in stats.Groups) Group(writer, request, group);
        writer.WriteEndArray();
        writer.WriteNumber("threshold"u8, request.Threshold);
        writer.WriteBoolean("truncated"u8, stats.Truncated);
        Moment(writer, stats.AsOf, stats.Missing);
        writer.WriteEndObject();
    });

    /// <summary>As of when, and whether every log answered.</summary>
    public static void Moment(Utf8JsonWriter writer, double? asOf, IReadOnlyList<string> missing)
    {
        RecordWriter.WriteNumber(writer, "as_of"u8, asOf);
        writer.WriteBoolean("complete"u8, missing.Count == 0);
        writer.WriteStartArray("missing"u8);
        foreach (var log in missing) writer.WriteStringValue(log);
        writer.WriteEndArray();
    }

    private static void Group(Utf8JsonWriter writer, StatsRequest request, StatsGroup group)
    {
        writer.WriteStartObject();
        foreach (var (name, key) in request.GroupBy.Zip(group.Keys)) writer.WriteString(name, key);
        writer.WriteNumber("count"u8, group.Count);
        Statuses(writer, group.ByStatus);
        writer.WriteNumber("scored"u8, group.Scored);
        writer.WriteNumber("not_finite"u8, group.NotFinite);
        Spread(writer, "score"u8, group.Score);
        writer.WriteNumber("successes"u8, group.Successes);
        RecordWriter.WriteNumber(writer, "success_rate"u8, Share(group.Successes, group.Scored));
        Spread(writer, "steps"u8, group.Steps);
        Spread(writer, "duration_seconds"u8, group.Duration);
        writer.WriteNumber("total_steps"u8, group.TotalSteps);
        writer.WriteNumber("errors"u8, group.Errors);
        RecordWriter.WriteNumber(writer, "error_rate"u8, Share(group.Errors, group.TotalSteps));
        writer.WriteNumber("episodes_with_errors"u8, group.EpisodesWithErrors);
        writer.WriteNumber("flagged"u8, group.Flagged);
        writer.WriteNumber("episodes_flagged"u8, group.EpisodesFlagged);
        writer.WriteNumber("groups"u8, group.Groups);
        writer.WriteNumber("zero_variance_groups"u8, group.ZeroVariance);
        writer.WriteStartArray("pass_at_k"u8);
        foreach (var (k, value, units) in group.PassAtK)
        {
            writer.WriteStartObject();
            writer.WriteNumber("k"u8, k);
            RecordWriter.WriteNumber(writer, "value"u8, value);
            writer.WriteNumber("units"u8, units);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static double? Share(long part, long whole) => whole == 0 ? null : (double)part / whole;

    private static void Statuses(Utf8JsonWriter writer, IReadOnlyList<long> counts)
    {
        writer.WriteStartObject("by_status"u8);
        foreach (var (name, count) in EpisodeStatuses.Names.Zip(counts)) writer.WriteNumber(name, count);
        writer.WriteEndObject();
    }

    private static void Spread(Utf8JsonWriter writer, ReadOnlySpan<byte> name, Spread spread)
    {
        writer.WriteStartObject(name);
        RecordWriter.WriteNumber(writer, "mean"u8, spread.Mean);
        RecordWriter.WriteNumber(writer, "std"u8, spread.Std);
        RecordWriter.WriteNumber(writer, "min"u8, spread.Min);
        RecordWriter.WriteNumber(writer, "max"u8, spread.Max);
        foreach (var ((quantile, _), value) in Rollbook.Query.Spread.At.Zip(spread.Quantiles))
            RecordWriter.WriteNumber(writer, System.Text.Encoding.UTF8.GetBytes(quantile), value);
        writer.WriteEndObject();
    }
}

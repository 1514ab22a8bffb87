using DuckDB.NET.Data;

namespace Rollbook.Query;

/// <summary>Live episodes as rows.</summary>
internal static class LiveRows
{
    /// <summary>The newest state of each episode: two logs may know one.</summary>
    public static IReadOnlyCollection<LiveEpisode> Newest(IReadOnlyList<LiveEpisode> live)
    {
        var newest = new Dictionary<EpisodeId, LiveEpisode>(live.Count);
        foreach (var episode in live)
        {
            var id = episode.Record.Key.Id;
            if (!newest.TryGetValue(id, out var known) || episode.IsNewerThan(known)) newest[id] = episode;
        }

        return newest.Values;
    }

    /// <summary>Appends the values of all columns.</summary>
    public static void Append(IDuckDBAppenderRow row, LiveEpisode live)
    {
        var (record, summary) = (live.Record, live.Summary);
        row.AppendValue(record.Key.Id.ToString()).AppendValue(record.Worker).AppendValue(record.Task).AppendValue(record.VariantId);
        row.AppendValue(record.StartTime);
        Number(row, record.EndTime);
        row.AppendValue(EpisodeStatuses.Name(record.Status));
        Text(row, record.EndCause);
        Number(row, record.ReportedScore);
        Number(row, record.FinalScore);
        row.AppendValue(record.TotalSteps).AppendValue(record.StepCount);
        Text(row, record.Metadata);
        Text(row, record.InitialObservation);
        Text(row, record.GroupId);
        if (record.Attempt is { } attempt) row.AppendValue(attempt);
        else row.AppendNullValue();
        if (record.Seed is { } seed) row.AppendValue(seed);
        else row.AppendNullValue();
        Text(row, record.PolicyVersion);
        Text(row, record.Environment);
        Text(row, record.ParentEpisodeId?.ToString());
        row.AppendValue(record.DeadlineSeconds).AppendValue(record.Labels).AppendValue(record.ScoreCount);
        row.AppendValue(summary.Errors).AppendValue(summary.Flagged).AppendValue(summary.RewardSum).AppendValue(summary.CumulativeReward);
        Number(row, summary.LastPassRate);
        row.AppendValue(summary.LastReceivedAt).AppendValue(live.Term).AppendValue(live.Log).AppendValue(live.Chunk).AppendValue(live.Place);
    }

    private static void Text(IDuckDBAppenderRow row, string? value)
    {
        if (value is null) row.AppendNullValue();
        else row.AppendValue(value);
    }

    private static void Number(IDuckDBAppenderRow row, double? value)
    {
        if (value is { } number) row.AppendValue(number);
        else row.AppendNullValue();
    }
}

using DuckDB.NET.Data;

namespace Rollbook.Query;

/// <summary>An episode of a list.</summary>
/// <param name="Record">The record.</param>
/// <param name="Summary">What is summed over its steps.</param>
internal sealed record ListedEpisode(EpisodeRecord Record, StepSummary Summary)
{
    /// <summary>Reads the columns of <see cref="EpisodeColumns.Narrow"/> from the given place on.</summary>
    public static ListedEpisode Read(DuckDBDataReader row, int first, string project)
    {
        var at = first;
        var record = new EpisodeRecord
        {
            Key = new EpisodeKey(project, EpisodeId.Parse(row.GetString(at++))),
            Worker = row.GetString(at++),
            Task = row.GetString(at++),
            VariantId = row.GetString(at++),
            StartTime = row.GetDouble(at++),
            EndTime = Number(row, at++),
            Status = EpisodeStatuses.Parse(row.GetString(at++)),
            EndCause = Text(row, at++),
            ReportedScore = Number(row, at++),
            FinalScore = Number(row, at++),
            TotalSteps = row.GetInt64(at++),
            StepCount = row.GetInt64(at++),
            GroupId = Text(row, at++),
            Attempt = row.IsDBNull(at++) ? null : row.GetInt32(at - 1),
            Seed = row.IsDBNull(at++) ? null : row.GetInt64(at - 1),
            PolicyVersion = Text(row, at++),
            Environment = Text(row, at++),
            ParentEpisodeId = Text(row, at++) is { } parent ? EpisodeId.Parse(parent) : null,
            DeadlineSeconds = row.GetDouble(at++),
            Labels = row.IsDBNull(at++) ? [] : row.GetFieldValue<List<string>>(at - 1),
            ScoreCount = row.GetInt32(at++),
        };
        var summary = new StepSummary
        {
            Errors = row.GetInt64(at++),
            Flagged = row.GetInt64(at++),
            RewardSum = row.GetDouble(at++),
            CumulativeReward = row.GetDouble(at++),
            LastPassRate = Number(row, at++),
            LastReceivedAt = row.GetInt64(at),
        };
        return new ListedEpisode(record, summary);
    }

    private static string? Text(DuckDBDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static double? Number(DuckDBDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDouble(column);
}

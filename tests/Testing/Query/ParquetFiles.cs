using DuckDB.NET.Data;
using Rollbook.Query;

namespace Rollbook.Testing.Query;

/// <summary>Writes files as the archive has them, by the query engine's own COPY.</summary>
public static class ParquetFiles
{
    private const string StepColumns =
        "episode_id VARCHAR, ordinal BIGINT, hash BLOB, step_number BIGINT, timestamp DOUBLE, action_type VARCHAR, action_path VARCHAR, action_query VARCHAR, "
        + "action_content_length BIGINT, action_content VARCHAR, observation VARCHAR, reward DOUBLE, cumulative_reward DOUBLE, done BOOLEAN, error VARCHAR, "
        + "file_diff VARCHAR, test_pass_rate DOUBLE, duration_ms DOUBLE, security_flags VARCHAR[], thought VARCHAR, response VARCHAR, agent_id VARCHAR, extra VARCHAR, "
        + "exact VARCHAR, received_at BIGINT, term BIGINT, log VARCHAR, chunk BIGINT, place INTEGER";

    private const string ScoreColumns =
        "episode_id VARCHAR, event_id VARCHAR, name VARCHAR, value DOUBLE, source VARCHAR, rationale VARCHAR, metadata VARCHAR, time DOUBLE, "
        + "term BIGINT, log VARCHAR, chunk BIGINT, place INTEGER";

    /// <summary>A file of episodes.</summary>
    public static ArchivedFile Episodes(string directory, string name, IEnumerable<LiveEpisode> episodes, bool isSealed = false)
    {
        using var connection = Open();
        Run(connection, $"CREATE TABLE rows ({EpisodeColumns.Definitions})");
        using (var appender = connection.CreateAppender("rows"))
        {
            foreach (var episode in episodes)
            {
                var row = appender.CreateRow();
                LiveRows.Append(row, episode);
                row.EndRow();
            }
        }

        return Copy(connection, "SELECT * FROM rows ORDER BY episode_id", directory, name, isSealed);
    }

    /// <summary>A file of steps: so many of each episode, with rewards of 1.</summary>
    public static ArchivedFile Steps(string directory, string name, IEnumerable<(LiveEpisode Episode, int Count)> episodes, bool isSealed = false, string observation = "\"seen\"")
    {
        using var connection = Open();
        Run(connection, $"CREATE TABLE rows ({StepColumns})");
        foreach (var (episode, count) in episodes)
        {
            using var insert = new SqlText().Add(
                "INSERT INTO rows BY NAME SELECT ").Value(episode.Record.Key.Id.ToString()).Add(" AS episode_id, i AS ordinal, ''::BLOB AS hash, 'act' AS action_type, i::DOUBLE AS timestamp, ")
                .Value(observation).Add(" AS observation, 1.0 AS reward, ['flag'] AS security_flags, 0 AS received_at, ").Value(episode.Term).Add(" AS term, ")
                .Value(episode.Log).Add(" AS log, ").Value(episode.Chunk).Add(" AS chunk, i::INTEGER AS place FROM range(").Value((long)count).Add(") r(i)").Command(connection);
            insert.ExecuteNonQuery();
        }

        var columns = isSealed ? "* EXCLUDE (term, log, chunk, place)" : "*";
        return Copy(connection, $"SELECT {columns} FROM rows ORDER BY episode_id, ordinal", directory, name, isSealed);
    }

    /// <summary>A file of score events.</summary>
    public static ArchivedFile Scores(string directory, string name, IEnumerable<(LiveEpisode Episode, string EventId, double? Value)> events)
    {
        using var connection = Open();
        Run(connection, $"CREATE TABLE rows ({ScoreColumns})");
        foreach (var (episode, id, value) in events)
        {
            using var insert = new SqlText().Add("INSERT INTO rows VALUES (").List<object?>(
                [episode.Record.Key.Id.ToString(), id, "final", value, "tests", null, null, 1.0, episode.Term, episode.Log, episode.Chunk, episode.Place]).Add(")").Command(connection);
            insert.ExecuteNonQuery();
        }

        return Copy(connection, "SELECT * FROM rows ORDER BY episode_id", directory, name, isSealed: false);
    }

    /// <summary>Runs a statement of the caller's, such as a COPY of its own.</summary>
    public static void Run(string sql)
    {
        using var connection = Open();
        Run(connection, sql);
    }

    private static ArchivedFile Copy(DuckDBConnection connection, string select, string directory, string name, bool isSealed)
    {
        var path = Path.Combine(directory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Run(connection, $"COPY ({select}) TO '{path.Replace("'", "''")}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 2048)");
        return new ArchivedFile(name, path, isSealed);
    }

    private static DuckDBConnection Open()
    {
        var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        return connection;
    }

    private static void Run(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}

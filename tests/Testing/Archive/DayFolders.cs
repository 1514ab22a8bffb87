using System.Globalization;
using DuckDB.NET.Data;

namespace Rollbook.Testing;

/// <summary>Reads the day folders with DuckDB alone, as anybody does who has the directory and not this program.</summary>
/// <param name="data">The data directory; the default project is read.</param>
public sealed class DayFolders(string data) : IDisposable
{
    private readonly DuckDBConnection duckDb = Open();
    private readonly string folder = Path.Combine(data, "archive", "projects", "default");

    /// <summary>Whether there are any.</summary>
    public bool Exist => Directory.Exists(Path.Combine(folder, "steps"));

    /// <summary>Of each episode its steps, its different ordinals and the greatest one.</summary>
    public Dictionary<string, (long Steps, long Ordinals, long Last)> Steps() => Rows(
        $"SELECT episode_id, count(*), count(DISTINCT ordinal), max(ordinal) FROM read_parquet('{folder}/steps/date=*/*.parquet') GROUP BY 1",
        static r => (r.GetString(0), (r.GetInt64(1), r.GetInt64(2), r.GetInt64(3)))).ToDictionary(static r => r.Item1, static r => r.Item2);

    /// <summary>How often each episode has a row, with its status.</summary>
    public Dictionary<string, (long Rows, string Status)> Episodes() => Rows(
        $"SELECT episode_id, count(*), min(status) FROM read_parquet('{folder}/episodes/date=*/*.parquet') GROUP BY 1",
        static r => (r.GetString(0), (r.GetInt64(1), r.GetString(2)))).ToDictionary(static r => r.Item1, static r => r.Item2);

    /// <summary>The observations of an episode in the order of its steps.</summary>
    public List<string> Observations(string episode) => Rows(
        string.Create(CultureInfo.InvariantCulture, $"SELECT observation FROM read_parquet('{folder}/steps/date=*/*.parquet') WHERE episode_id = '{episode}' ORDER BY ordinal"),
        static r => r.GetString(0));

    /// <inheritdoc/>
    public void Dispose() => duckDb.Dispose();

    private List<T> Rows<T>(string sql, Func<System.Data.Common.DbDataReader, T> read)
    {
        using var command = duckDb.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(read(reader));
        return rows;
    }

    private static DuckDBConnection Open()
    {
        var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        return connection;
    }
}

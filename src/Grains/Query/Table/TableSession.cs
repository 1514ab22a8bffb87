using System.Globalization;
using DuckDB.NET.Data;

namespace Rollbook.Query;

/// <summary>Reads one pinned moment, however many statements it takes.</summary>
internal sealed class TableSession : IDisposable
{
    private readonly DuckDBConnection connection;
    private readonly Func<int, string?> pathOf;
    private readonly bool shadowed;

    /// <summary>Begins the reading transaction.</summary>
    /// <param name="connection">Of the table's engine; disposed with the session.</param>
    /// <param name="texts">What stays in the files.</param>
    /// <param name="sourceOf">What was pinned, by the pin's number.</param>
    /// <param name="pathOf">The path of a file by its number.</param>
    public TableSession(DuckDBConnection connection, WideTexts texts, Func<long, QuerySource> sourceOf, Func<int, string?> pathOf)
    {
        (this.connection, this.pathOf, Texts) = (connection, pathOf, texts);
        using var begin = new SqlText().Add("BEGIN TRANSACTION").Command(connection);
        begin.ExecuteNonQuery();
        using var pin = new SqlText().Add("SELECT number, shadows FROM m.pin").Command(connection);
        using var reader = pin.ExecuteReader();
        reader.Read();
        Source = sourceOf(reader.GetInt64(0));
        shadowed = reader.GetInt64(1) > 0;
    }

    /// <summary>When the newest pack was made, Unix seconds; null = there is none.</summary>
    public double? AsOf => Source.AsOf is { } moment ? Steps.UnixTime.Seconds(Steps.UnixTime.Micros(moment)) : null;

    /// <summary>Names of the logs that did not answer.</summary>
    public IReadOnlyList<string> Missing => Source.Missing;

    /// <summary>What stays in the files.</summary>
    public WideTexts Texts { get; }

    /// <summary>What was pinned.</summary>
    public QuerySource Source { get; }

    /// <summary>The condition under which an archived row counts.</summary>
    public string Counts => shadowed ? "newest AND seq NOT IN (SELECT seq FROM m.shadow)" : "newest";

    /// <summary>The condition under which an archived row doesn't count.</summary>
    public string CountsNot => shadowed ? "(NOT newest OR seq IN (SELECT seq FROM m.shadow))" : "NOT newest";

    /// <summary>Runs a statement and reads its rows.</summary>
    /// <exception cref="OperationCanceledException">The token ended it.</exception>
    public void Read(SqlText text, Action<DuckDBDataReader> each, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var command = text.Command(connection);
        using var stop = cancellation.Register(command.Cancel);
        try
        {
            using var reader = command.ExecuteReader();
            while (reader.Read()) each(reader);
        }
        catch (DuckDBException) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
    }

    /// <summary>The path of the file that an archived row stands in.</summary>
    /// <exception cref="FileNotFoundException">The file is no longer listed.</exception>
    public string PathOf(long seq) =>
        pathOf((int)(seq >> 32)) ?? throw new FileNotFoundException(
            string.Create(CultureInfo.InvariantCulture, $"The archive no longer lists file {seq >> 32} of this query; asking again reads the newer ones."));

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();
}

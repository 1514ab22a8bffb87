using System.Text;
using DuckDB.NET.Data;
using Rollbook.Archive;

namespace Rollbook.Benchmarks;

/// <summary>The same rows by DuckDB: an appender into a table in memory, then COPY. The list of flags is left out, which favours it.</summary>
internal static class DuckDbRival
{
    private static readonly StepField[] Fields = [.. Enum.GetValues<StepField>().Where(static f => f != StepField.SecurityFlags)];

    public static void Write(PackContent content, string path)
    {
        using var duckDb = new DuckDBConnection("Data Source=:memory:");
        duckDb.Open();
        Run(duckDb, "SET threads = 1");
        var columns = string.Join(", ", Fields.Select(static f => $"{StepFieldKinds.Column(f)} {Type(f)}"));
        Run(duckDb, $"CREATE TABLE steps (episode_id VARCHAR, ordinal BIGINT, hash BLOB, received_at BIGINT, term BIGINT, log VARCHAR, chunk BIGINT, place INTEGER, exact VARCHAR, {columns})");
        using (var appender = duckDb.CreateAppender("steps"))
        {
            var cells = new StepCells();
            foreach (var step in content.Steps) Append(appender, cells, step);
        }

        Run(duckDb, $"COPY steps TO '{path}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 4096)");
    }

    private static void Append(DuckDBAppender appender, StepCells cells, PackedStep step)
    {
        var entry = StepEntry.Read(step.Entry.Span);
        cells.Split(entry.Line);
        var row = appender.CreateRow()
            .AppendValue(step.Episode.ToString()).AppendValue(step.Ordinal).AppendValue(step.Entry.Span.Slice(8, 16).ToArray()).AppendValue(entry.ReceivedAt)
            .AppendValue(step.Term).AppendValue(step.Log.ToString()).AppendValue(step.Chunk).AppendValue(step.Place)
            .AppendValue(cells.Exact.IsEmpty ? null : Encoding.UTF8.GetString(cells.Exact));
        foreach (var field in Fields)
        {
            if (!cells.Has(field))
            {
                row.AppendNullValue();
                continue;
            }

            switch (StepFieldKinds.All[(int)field])
            {
                case StepFieldKind.Integer:
                    row.AppendValue(cells.Integer(field));
                    break;
                case StepFieldKind.Number:
                    row.AppendValue(cells.Number(field));
                    break;
                case StepFieldKind.Truth:
                    row.AppendValue(cells.Integer(field) != 0);
                    break;
                default:
                    row.AppendValue(Encoding.UTF8.GetString(cells.Text(field, entry.Line)));
                    break;
            }
        }

        row.EndRow();
    }

    private static string Type(StepField field) => StepFieldKinds.All[(int)field] switch
    {
        StepFieldKind.Integer => "BIGINT",
        StepFieldKind.Number => "DOUBLE",
        StepFieldKind.Truth => "BOOLEAN",
        _ => "VARCHAR",
    };

    private static void Run(DuckDBConnection duckDb, string sql)
    {
        using var command = duckDb.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}

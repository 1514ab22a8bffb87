using System.Text;
using DuckDB.NET.Data;

namespace Rollbook.Query;

/// <summary>All that a worker process is told: the statement, its bounds, and what it may read.</summary>
internal sealed record SqlJob
{
    /// <summary>The user's statement.</summary>
    public required string Sql { get; init; }

    /// <summary>How rows are written.</summary>
    public required SqlFormat Format { get; init; }

    /// <summary>The most rows.</summary>
    public required int MaxRows { get; init; }

    /// <summary>The most bytes of rows.</summary>
    public required long MaxBytes { get; init; }

    /// <summary>MiB of memory.</summary>
    public required int Megabytes { get; init; }

    /// <summary>Threads.</summary>
    public required int Threads { get; init; }

    /// <summary>Seconds of processor time: a second line behind the parent's clock.</summary>
    public required int CpuSeconds { get; init; }

    /// <summary>Files of episodes.</summary>
    public required IReadOnlyList<string> Episodes { get; init; }

    /// <summary>Files of steps in day folders.</summary>
    public required IReadOnlyList<string> SealedSteps { get; init; }

    /// <summary>Files of steps in packs.</summary>
    public required IReadOnlyList<string> PackedSteps { get; init; }

    /// <summary>Files of scores.</summary>
    public required IReadOnlyList<string> Scores { get; init; }

    /// <summary>Archived rows that don't count: their file and episode.</summary>
    public required IReadOnlyList<(string Path, string EpisodeId)> Replaced { get; init; }

    /// <summary>Live rows that count: values of <see cref="EpisodeColumns.All"/>.</summary>
    public required IReadOnlyList<object?[]> Live { get; init; }

    /// <summary>Deleted episodes: no step and no score of them counts. Their rows of episodes are among <see cref="Replaced"/>.</summary>
    public required IReadOnlyList<string> Deleted { get; init; }

    /// <summary>The bytes that a worker reads.</summary>
    public byte[] Write()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Sql);
        writer.Write((int)Format);
        writer.Write(MaxRows);
        writer.Write(MaxBytes);
        writer.Write(Megabytes);
        writer.Write(Threads);
        writer.Write(CpuSeconds);
        foreach (var list in new[] { Episodes, SealedSteps, PackedSteps, Scores, Deleted }) WriteList(writer, list);
        writer.Write(Replaced.Count);
        foreach (var (path, id) in Replaced)
        {
            writer.Write(path);
            writer.Write(id);
        }

        writer.Write(Live.Count);
        foreach (var row in Live)
            foreach (var value in row) WriteValue(writer, value);
        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static SqlJob Read(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        return new SqlJob
        {
            Sql = reader.ReadString(),
            Format = (SqlFormat)reader.ReadInt32(),
            MaxRows = reader.ReadInt32(),
            MaxBytes = reader.ReadInt64(),
            Megabytes = reader.ReadInt32(),
            Threads = reader.ReadInt32(),
            CpuSeconds = reader.ReadInt32(),
            Episodes = ReadList(reader),
            SealedSteps = ReadList(reader),
            PackedSteps = ReadList(reader),
            Scores = ReadList(reader),
            Deleted = ReadList(reader),
            Replaced = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => (reader.ReadString(), reader.ReadString()))],
            Live = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => EpisodeColumns.All.Select(_ => ReadValue(reader)).ToArray())],
        };
    }

    /// <summary>The job's live rows and the rows that don't count, as a session sees them.</summary>
    public static (List<(string Path, string EpisodeId)> Replaced, List<object?[]> Live) Rows(TableSession session, CancellationToken cancellation)
    {
        var replaced = new List<(string, string)>();
        session.Read(
            new SqlText().Add($"SELECT seq, episode_id FROM m.archived WHERE {session.CountsNot}"),
            row => replaced.Add((session.PathOf(row.GetInt64(0)), row.GetString(1))),
            cancellation);
        var live = new List<object?[]>();
        session.Read(new SqlText().Add($"SELECT {EpisodeColumns.Names} FROM m.live"), row => live.Add([.. EpisodeColumns.All.Select((_, i) => Value(row, i))]), cancellation);
        return (replaced, live);
    }

    private static object? Value(DuckDBDataReader row, int column) => row.IsDBNull(column) ? null : row.GetValue(column);

    private static void WriteList(BinaryWriter writer, IReadOnlyCollection<string> list)
    {
        writer.Write(list.Count);
        foreach (var text in list) writer.Write(text);
    }

    private static List<string> ReadList(BinaryReader reader) => [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => reader.ReadString())];

    private static void WriteValue(BinaryWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.Write((byte)0);
                break;
            case string text:
                writer.Write((byte)1);
                writer.Write(text);
                break;
            case double number:
                writer.Write((byte)2);
                writer.Write(number);
                break;
            case long number:
                writer.Write((byte)3);
                writer.Write(number);
                break;
            case int number:
                writer.Write((byte)4);
                writer.Write(number);
                break;
            case List<string> list:
                writer.Write((byte)5);
                WriteList(writer, list);
                break;
            default:
                throw new InvalidOperationException($"A column of episodes has a {value.GetType()}.");
        }
    }

    private static object? ReadValue(BinaryReader reader) => reader.ReadByte() switch
    {
        0 => null,
        1 => reader.ReadString(),
        2 => reader.ReadDouble(),
        3 => reader.ReadInt64(),
        4 => reader.ReadInt32(),
        _ => ReadList(reader),
    };
}

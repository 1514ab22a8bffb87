using System.IO.Compression;
using System.Text;
using Parquet;
using Parquet.Schema;
using Rollbook.Archive;

namespace Rollbook.Benchmarks;

/// <summary>The same rows by Parquet.Net: row groups of the same size, zstd, dictionaries where it sees fit. The list of flags is left out, which favours it.</summary>
internal static class ParquetNetRival
{
    private const int GroupRows = 4096;

    private static readonly StepField[] Fields = [.. Enum.GetValues<StepField>().Where(static f => f != StepField.SecurityFlags)];

    public static async Task WriteAsync(PackContent content, Stream to)
    {
        DataField[] head =
        [
            new DataField<string>("episode_id", false), new DataField<long>("ordinal"), new DataField<byte[]>("hash"), new DataField<long>("received_at"), new DataField<long>("term"),
            new DataField<string>("log", false), new DataField<long>("chunk"), new DataField<int>("place"), new DataField<string>("exact", true),
        ];
        DataField[] fields = [.. Fields.Select(Column)];
        var options = new ParquetOptions { CompressionMethod = CompressionMethod.Zstd, CompressionLevel = CompressionLevel.Fastest };
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema([.. head, .. fields]), to, options);
        foreach (var rows in content.Steps.Chunk(GroupRows)) await WriteAsync(writer, head, fields, rows);
    }

    private static async Task WriteAsync(ParquetWriter writer, DataField[] head, DataField[] fields, PackedStep[] rows)
    {
        var exact = new string?[rows.Length];
        var texts = new string?[Fields.Length][];
        var integers = new long?[Fields.Length][];
        var numbers = new double?[Fields.Length][];
        var truths = new bool?[Fields.Length][];
        for (var i = 0; i < Fields.Length; i++)
        {
            (texts[i], integers[i], numbers[i], truths[i]) = (new string?[rows.Length], new long?[rows.Length], new double?[rows.Length], new bool?[rows.Length]);
        }

        var cells = new StepCells();
        for (var row = 0; row < rows.Length; row++)
        {
            var line = StepEntry.Read(rows[row].Entry.Span).Line;
            cells.Split(line);
            if (!cells.Exact.IsEmpty) exact[row] = Encoding.UTF8.GetString(cells.Exact);
            for (var i = 0; i < Fields.Length; i++)
            {
                if (!cells.Has(Fields[i])) continue;
                switch (StepFieldKinds.All[(int)Fields[i]])
                {
                    case StepFieldKind.Integer:
                        integers[i][row] = cells.Integer(Fields[i]);
                        break;
                    case StepFieldKind.Number:
                        numbers[i][row] = cells.Number(Fields[i]);
                        break;
                    case StepFieldKind.Truth:
                        truths[i][row] = cells.Integer(Fields[i]) != 0;
                        break;
                    default:
                        texts[i][row] = Encoding.UTF8.GetString(cells.Text(Fields[i], line));
                        break;
                }
            }
        }

        using var group = writer.CreateRowGroup();
        await group.WriteAsync(head[0], rows.Select(static r => r.Episode.ToString()).ToArray());
        await group.WriteAsync<long>(head[1], rows.Select(static r => r.Ordinal).ToArray());
        await group.WriteAsync(head[2], rows.Select(static r => r.Entry.Span.Slice(8, 16).ToArray()).ToArray());
        await group.WriteAsync<long>(head[3], rows.Select(static r => StepEntry.Read(r.Entry.Span).ReceivedAt).ToArray());
        await group.WriteAsync<long>(head[4], rows.Select(static r => r.Term).ToArray());
        await group.WriteAsync(head[5], rows.Select(static r => r.Log.ToString()).ToArray());
        await group.WriteAsync<long>(head[6], rows.Select(static r => r.Chunk).ToArray());
        await group.WriteAsync<int>(head[7], rows.Select(static r => r.Place).ToArray());
        await group.WriteAsync(head[8], exact!);
        for (var i = 0; i < fields.Length; i++)
        {
            switch (StepFieldKinds.All[(int)Fields[i]])
            {
                case StepFieldKind.Integer:
                    await group.WriteAsync<long>(fields[i], integers[i]);
                    break;
                case StepFieldKind.Number:
                    await group.WriteAsync<double>(fields[i], numbers[i]);
                    break;
                case StepFieldKind.Truth:
                    await group.WriteAsync<bool>(fields[i], truths[i]);
                    break;
                default:
                    await group.WriteAsync(fields[i], texts[i]!);
                    break;
            }
        }
    }

    private static DataField Column(StepField field)
    {
        var name = StepFieldKinds.Column(field);
        return StepFieldKinds.All[(int)field] switch
        {
            StepFieldKind.Integer => new DataField<long?>(name),
            StepFieldKind.Number => new DataField<double?>(name),
            StepFieldKind.Truth => new DataField<bool?>(name),
            _ => new DataField<string>(name, true),
        };
    }
}

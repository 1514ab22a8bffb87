using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using DuckDB.NET.Data;

namespace Rollbook.Query;

/// <summary>Writes an answer's rows in its format.</summary>
internal sealed class SqlRowWriter : IDisposable
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private static readonly SearchValues<char> NeedsQuotes = SearchValues.Create("\",\r\n");

    private readonly SqlFormat format;
    private readonly IReadOnlyList<string> names;
    private readonly ArrayBufferWriter<byte> output = new(64 * 1024);
    private readonly Utf8JsonWriter json;
    private readonly ArrayBufferWriter<byte> cell = new();
    private readonly SqlCells cells = new();
    private bool first = true;

    /// <summary>Begins an answer.</summary>
    /// <param name="format">Its format.</param>
    /// <param name="names">The columns' names.</param>
    public SqlRowWriter(SqlFormat format, IReadOnlyList<string> names)
    {
        (this.format, this.names) = (format, Distinct(names));
        json = new Utf8JsonWriter(output, Options);
        if (format == SqlFormat.Csv) CsvLine(names.Select(name => Csv(name, text: true)));
    }

    /// <summary>What was written and not yet taken.</summary>
    public ReadOnlyMemory<byte> Written => output.WrittenMemory;

    /// <summary>Forgets what was taken.</summary>
    public void Taken() => output.ResetWrittenCount();

    /// <summary>Writes the row that the reader stands on.</summary>
    public void Write(DuckDBDataReader row)
    {
        if (format == SqlFormat.Csv)
        {
            CsvLine(Enumerable.Range(0, row.FieldCount).Select(i => cells.Read(row, i) is { } value ? CsvValue(value) : ""));
            return;
        }

        if (format == SqlFormat.Json && !first) output.Write(","u8);
        first = false;
        json.Reset();
        if (format == SqlFormat.Json) json.WriteStartArray();
        else json.WriteStartObject();
        for (var i = 0; i < row.FieldCount; i++)
        {
            if (format == SqlFormat.JsonLines) json.WritePropertyName(names[i]);
            Value(json, cells.Read(row, i));
        }

        if (format == SqlFormat.Json) json.WriteEndArray();
        else json.WriteEndObject();
        json.Flush();
        if (format == SqlFormat.JsonLines) output.Write("\n"u8);
    }

    /// <inheritdoc/>
    public void Dispose() => json.Dispose();

    // An object can't have a name twice.
    private static List<string> Distinct(IReadOnlyList<string> names)
    {
        var taken = new HashSet<string>();
        return [.. names.Select(name =>
        {
            var unique = name;
            for (var i = 2; !taken.Add(unique); i++) unique = string.Create(CultureInfo.InvariantCulture, $"{name}_{i}");
            return unique;
        })];
    }

    private static void Value(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null or DBNull: json.WriteNullValue(); break;
            case bool flag: json.WriteBooleanValue(flag); break;
            case string text: json.WriteStringValue(text); break;
            case double number when double.IsFinite(number): json.WriteNumberValue(number); break;
            case float number when float.IsFinite(number): json.WriteNumberValue(number); break;
            case double number: json.WriteStringValue(Named(number)); break;
            case float number: json.WriteStringValue(Named(number)); break;
            case decimal number: json.WriteNumberValue(number); break;
            case sbyte or byte or short or ushort or int or uint or long or ulong or BigInteger:
                json.WriteRawValue(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture), skipInputValidation: true);
                break;
            case IDictionary map: Map(json, map); break;
            case Stream or byte[]: json.WriteStringValue(Hex(value)); break;
            case IEnumerable list: List(json, list); break;
            default: json.WriteStringValue(Text(value)); break;
        }
    }

    private static void List(Utf8JsonWriter json, IEnumerable list)
    {
        json.WriteStartArray();
        foreach (var item in list) Value(json, item);
        json.WriteEndArray();
    }

    private static void Map(Utf8JsonWriter json, IDictionary map)
    {
        json.WriteStartObject();
        foreach (DictionaryEntry entry in map)
        {
            json.WritePropertyName(entry.Key as string ?? Text(entry.Key));
            Value(json, entry.Value);
        }

        json.WriteEndObject();
    }

    private static string Named(double number) => double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";

    private static string Hex(object value)
    {
        if (value is byte[] bytes) return Convert.ToHexStringLower(bytes);
        using var copy = new MemoryStream();
        ((Stream)value).CopyTo(copy);
        return Convert.ToHexStringLower(copy.GetBuffer().AsSpan(0, (int)copy.Length));
    }

    private static string Text(object value) => value switch
    {
        DateTime moment => moment.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
        DateTimeOffset moment => moment.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFzzz", CultureInfo.InvariantCulture),
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        TimeOnly time => time.ToString("HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private string CsvValue(object value)
    {
        switch (value)
        {
            case string text: return Csv(text, text: true);
            case bool flag: return flag ? "true" : "false";
            case double number when !double.IsFinite(number): return Named(number);
            case float number when !float.IsFinite(number): return Named(number);
            case double or float or decimal or sbyte or byte or short or ushort or int or uint or long or ulong or BigInteger:
                return ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture);
            case IDictionary or Stream or byte[] or IEnumerable:
                cell.ResetWrittenCount();
                using (var inner = new Utf8JsonWriter(cell, Options)) Value(inner, value);
                var whole = Encoding.UTF8.GetString(cell.WrittenSpan);
                return Csv(value is Stream or byte[] ? whole.Trim('"') : whole, text: true);
            default: return Csv(Text(value), text: false);
        }
    }

    /// <summary>A cell. A spreadsheet takes a text that begins so for a formula: an apostrophe before it says that it is none.</summary>
    /// <remarks>OWASP, "CSV Injection". Numbers are left as they are.</remarks>
    private static string Csv(string value, bool text)
    {
        if (text && value.Length > 0 && value[0] is '=' or '+' or '-' or '@' or '\t' or '\r') value = "'" + value;
        return value.AsSpan().ContainsAny(NeedsQuotes) ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
    }

    private void CsvLine(IEnumerable<string> cells)
    {
        Encoding.UTF8.GetBytes(string.Join(',', cells), output);
        output.Write("\r\n"u8);
    }
}

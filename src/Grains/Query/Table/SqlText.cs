using System.Globalization;
using System.Text;
using DuckDB.NET.Data;

namespace Rollbook.Query;

/// <summary>A statement of ours as it grows: values go in as parameters, never as text.</summary>
internal sealed class SqlText
{
    private readonly StringBuilder text = new();
    private readonly List<object?> values = [];

    /// <summary>Text that we wrote.</summary>
    public SqlText Add(string ours)
    {
        text.Append(ours);
        return this;
    }

    /// <summary>A value.</summary>
    public SqlText Value(object? value)
    {
        values.Add(value);
        text.Append('$').Append(values.Count.ToString(CultureInfo.InvariantCulture));
        return this;
    }

    /// <summary>Values with commas between.</summary>
    public SqlText List<T>(IEnumerable<T> list)
    {
        var first = true;
        foreach (var value in list)
        {
            if (!first) text.Append(", ");
            first = false;
            Value(value);
        }

        return this;
    }

    /// <summary>Text of ours before and behind all that is there.</summary>
    public SqlText Wrap(string before, string behind)
    {
        text.Insert(0, before).Append(behind);
        return this;
    }

    /// <summary>The statement as a command. The caller disposes it.</summary>
    public DuckDBCommand Command(DuckDBConnection connection)
    {
        var command = connection.CreateCommand();
        command.CommandText = text.ToString();
        foreach (var value in values) command.Parameters.Add(new DuckDBParameter(value ?? DBNull.Value));
        return command;
    }

    /// <inheritdoc/>
    public override string ToString() => text.ToString();
}

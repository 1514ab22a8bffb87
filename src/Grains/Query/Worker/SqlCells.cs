using System.Reflection;
using DuckDB.NET.Data;

namespace Rollbook.Query;

/// <summary>Reads values of any type. The bindings give a list of numbers as a list that can't have nulls: here it is asked for with them.</summary>
internal sealed class SqlCells
{
    private static readonly MethodInfo GetFieldValue = typeof(DuckDBDataReader).GetMethod(nameof(DuckDBDataReader.GetFieldValue))!;

    private readonly Dictionary<int, Func<DuckDBDataReader, int, object?>> readers = [];

    /// <summary>The value; null where it is null.</summary>
    public object? Read(DuckDBDataReader row, int column)
    {
        if (row.IsDBNull(column)) return null;
        if (!readers.TryGetValue(column, out var read)) readers[column] = read = Reader(row.GetFieldType(column));
        return read(row, column);
    }

    private static Func<DuckDBDataReader, int, object?> Reader(Type type)
    {
        if (WithNulls(type) is not { } wanted || wanted == type) return static (row, column) => row.GetValue(column);
        return GetFieldValue.MakeGenericMethod(wanted).CreateDelegate<Func<DuckDBDataReader, int, object?>>();
    }

    /// <summary>The list type whose elements can be null, at any depth; null for what is no list.</summary>
    private static Type? WithNulls(Type type)
    {
        if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(List<>)) return null;
        var element = type.GetGenericArguments()[0];
        var nullable = WithNulls(element) ?? (element.IsValueType && Nullable.GetUnderlyingType(element) is null ? typeof(Nullable<>).MakeGenericType(element) : element);
        return typeof(List<>).MakeGenericType(nullable);
    }
}

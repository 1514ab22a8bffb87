using System.Reflection;
using DuckDB.NET.Data;

namespace Rollbook.Query;

/// <summary>Reads values of any type. The bindings give lists and maps of numbers as ones that can't have nulls: here they are asked for with them.</summary>
internal sealed class SqlCells
{
    private static readonly MethodInfo GetMethod = typeof(SqlCells).GetMethod(nameof(Get), BindingFlags.Static | BindingFlags.NonPublic)!;

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
        return GetMethod.MakeGenericMethod(wanted).CreateDelegate<Func<DuckDBDataReader, int, object?>>();
    }

    private static object? Get<T>(DuckDBDataReader row, int column) => row.GetFieldValue<T>(column);

    /// <summary>The type of list or map whose elements can be null, at any depth; null for any other type.</summary>
    private static Type? WithNulls(Type type)
    {
        if (!type.IsGenericType) return null;
        var (kind, arguments) = (type.GetGenericTypeDefinition(), type.GetGenericArguments());
        if (kind == typeof(List<>)) return kind.MakeGenericType(Element(arguments[0]));
        return kind == typeof(Dictionary<,>) ? kind.MakeGenericType(arguments[0], Element(arguments[1])) : null;
    }

    private static Type Element(Type element) =>
        WithNulls(element) ?? (element.IsValueType && Nullable.GetUnderlyingType(element) is null ? typeof(Nullable<>).MakeGenericType(element) : element);
}

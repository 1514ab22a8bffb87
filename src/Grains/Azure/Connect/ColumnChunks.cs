using Azure.Data.Tables;

namespace Rollbook.Azure;

/// <summary>
/// A value over as many columns as it needs: <c>Name</c>, <c>Name1</c>, … <c>Name14</c>, of 64 KiB or 32 Ki characters each. A row holds 1 MiB, so that is all there can be.
/// </summary>
internal static class ColumnChunks
{
    /// <summary>The most bytes of a value.</summary>
    public const int MaxBytes = Count * ChunkBytes;

    private const int Count = 15;
    private const int ChunkBytes = 64 << 10;
    private const int ChunkChars = 32 << 10;

    /// <summary>Puts bytes into a row.</summary>
    /// <exception cref="ArgumentException">They are more than a row holds.</exception>
    public static void Put(TableEntity entity, string name, ReadOnlyMemory<byte> value)
    {
        Check(name, value.Length, MaxBytes);
        // An empty value has a column, too: it is not the same as none.
        for (int i = 0, at = 0; i == 0 || at < value.Length; i++, at += ChunkBytes) entity[Column(name, i)] = value[at..Math.Min(at + ChunkBytes, value.Length)].ToArray();
    }

    /// <summary>Puts a text into a row.</summary>
    /// <exception cref="ArgumentException">It is more than a row holds.</exception>
    public static void Put(TableEntity entity, string name, string value)
    {
        Check(name, value.Length * 2, MaxBytes);
        for (int i = 0, at = 0; i == 0 || at < value.Length; i++, at += ChunkChars) entity[Column(name, i)] = value[at..Math.Min(at + ChunkChars, value.Length)];
    }

    /// <summary>The bytes of a row; null where it has no such column.</summary>
    public static byte[]? Bytes(TableEntity entity, string name) => entity.ContainsKey(name) ? [.. Columns<byte[]>(entity, name).SelectMany(static chunk => chunk)] : null;

    /// <summary>The text of a row; null where it has no such column.</summary>
    public static string? Text(TableEntity entity, string name) => entity.ContainsKey(name) ? string.Concat(Columns<string>(entity, name)) : null;

    private static IEnumerable<T> Columns<T>(TableEntity entity, string name)
    {
        for (var i = 0; i < Count && entity.TryGetValue(Column(name, i), out var chunk) && chunk is T value; i++) yield return value;
    }

    private static string Column(string name, int number) => number == 0 ? name : $"{name}{number}";

    private static void Check(string name, int length, int limit)
    {
        if (length > limit) throw new ArgumentException($"{name} has {length} bytes; a row of a table holds {limit} of it.", nameof(length));
    }
}

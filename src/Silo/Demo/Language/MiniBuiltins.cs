using System.Globalization;

namespace Rollbook.Silo.Demo;

/// <summary>The functions that every program of the demo's language has.</summary>
internal static class MiniBuiltins
{
    /// <summary>The names, for suggestions and mutations.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["len", "upper", "lower", "trim", "slice", "find", "replace", "text", "number", "min", "max", "abs"];

    /// <summary>Calls one.</summary>
    /// <exception cref="MiniException">No such function, another number of values, a wrong type.</exception>
    public static object Call(string name, object[] values) => (name, values.Length) switch
    {
        ("len", 1) => (long)Text(values, 0).Length,
        ("upper", 1) => Text(values, 0).ToUpperInvariant(),
        ("lower", 1) => Text(values, 0).ToLowerInvariant(),
        ("trim", 1) => Text(values, 0).Trim(),
        ("slice", 3) => Slice(Text(values, 0), Number(values, 1), Number(values, 2)),
        ("find", 2) => (long)Text(values, 0).IndexOf(Text(values, 1), StringComparison.Ordinal),
        ("replace", 3) => Replace(Text(values, 0), Text(values, 1), Text(values, 2)),
        ("text", 1) => Number(values, 0).ToString(CultureInfo.InvariantCulture),
        ("number", 1) => ToNumber(Text(values, 0)),
        ("min", 2) => Math.Min(Number(values, 0), Number(values, 1)),
        ("max", 2) => Math.Max(Number(values, 0), Number(values, 1)),
        ("abs", 1) => Math.Abs(Math.Max(Number(values, 0), -long.MaxValue)),
        _ => throw new MiniException(
            Names.Contains(name) ? $"{name} doesn't take {values.Length} values" : $"unknown function '{name}'"),
    };

    // Places outside the text are moved to its ends, as in Python.
    private static string Slice(string text, long from, long to)
    {
        var start = Math.Clamp(from, 0, text.Length);
        var end = Math.Clamp(to, start, text.Length);
        return text[(int)start..(int)end];
    }

    private static string Replace(string text, string old, string by)
    {
        if (old.Length == 0)
            throw new MiniException("replace needs a text to look for");
        var result = text.Replace(old, by, StringComparison.Ordinal);
        return result.Length <= 10_000 ? result : throw new MiniException("a text too long");
    }

    private static object ToNumber(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new MiniException($"\"{text}\" is not a number");

    private static string Text(object[] values, int index) => MiniInterpreter.Text(values[index]);

    private static long Number(object[] values, int index) => MiniInterpreter.Number(values[index]);
}

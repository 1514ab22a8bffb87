using System.Globalization;
using CsCheck;

namespace Rollbook.Grains.Tests.Archive;

/// <summary>Steps as callers may send them: every field absent, null or given, in any order, with any legal way to write numbers, strings and white space.</summary>
internal static class StepGen
{
    private static readonly string[] Nasty =
    [
        "0", "-0", "1", "-1", "1.0", "-0.0", "0.0", "0.1", "1E5", "1e5", "1e+5", "1.50", "1.500", "1e-7", "1E-07", "0.0001", "0.00001", "1e15", "1E+15", "1000000000000000",
        "1000000000000000.0", "999999999999999", "999999999999999.0", "99999999999999.9", "123456789012345678", "0.30000000000000004", "1e300", "5e-324", "-5e-324",
        "1.7976931348623157e308", "1763890000.25", "100000000000000000000000", "0.1000000000000000055511151231257827", "9007199254740993", "2.5e-1", "1.0e0", "0e0", "-0e5",
        "1e-400", "1763890000.123456", "1763890000.1234567", "0.00012", "0.000123456789012345", "4.35", "100.0", "10.10",
    ];

    // Numbers beyond a double, which only a JSON column may hold.
    private static readonly string[] Huge = ["1e400", "-1e400", "123456789012345678901234567890123456789012345678901234567890", "1e-99999", "1.000000000000000000000000000000000000001"];

    private static readonly string[] Letters =
    [
        "a", "plain text ", "/workspace/repo/x.py", "0", " ", "/", "\\/", "\\n", "\\u000a", "\\u000A", "\\t", "\\r", "\\b", "\\f", "\\\"", "\\\\", "\\u0022", "\\u005c",
        "é", "\\u00e9", "\\u00E9", "日本", "\\u65e5", "😀", "\\ud83d\\ude00", "\\uD83D\\uDE00", "\\u0000", "\\u001f", "\\u001F", "\u007f", "\\u007f", "\u0080", "\u2028", "\\u2028", "'",
        "{", "}", "[", "]", ",", ":", "\uFFFD", "\u00A0", "\uFEFF", "<", ">", "&", "+", "\\u003c",
    ];

    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.OneOf("\"\"", "\"run_command\"", "\"edit\""),
        Gen.OneOf(Letters).Array[0, 12].Select(parts => $"\"{string.Concat(parts)}\""),
        Gen.OneOf(Letters).Array[1, 3].Select(Gen.Int[1, 400], (parts, times) => $"\"{string.Concat(Enumerable.Repeat(string.Concat(parts), times))}\""));

    private static readonly Gen<string> Finite = Gen.OneOf(
        Gen.OneOf(Nasty),
        Gen.Double.Where(double.IsFinite).Select(static d => d.ToString("R", CultureInfo.InvariantCulture)),
        Gen.Double.Where(double.IsFinite).Select(static d => d.ToString("E16", CultureInfo.InvariantCulture)),
        Gen.Int[-100000, 100000].Select(Gen.Int[0, 7], static (n, places) => (n / Math.Pow(10, places)).ToString("F" + places, CultureInfo.InvariantCulture)),
        Gen.Long.Select(static n => n.ToString(CultureInfo.InvariantCulture)));

    private static readonly Gen<string> Number = Gen.Frequency((20, Finite), (1, Gen.OneOf("\"NaN\"", "\"Infinity\"", "\"-Infinity\"")));

    private static readonly Gen<string> Integer = Gen.OneOf(
        Gen.OneOf("0", "-0", "1", "-1", "9223372036854775807", "-9223372036854775807", "42"),
        Gen.Long.Where(static n => n != long.MinValue).Select(static n => n.ToString(CultureInfo.InvariantCulture)));

    private static readonly Gen<string> Scalar = Gen.OneOf(Text, Finite, Gen.OneOf(Huge), Gen.OneOf("true", "false", "null", "{}", "[]", "[ ]", "{ }"));

    private static readonly Gen<string> Space = Gen.Frequency((8, Gen.Const("")), (1, Gen.OneOf(" ", "\n", "\t", "\r\n", "  ")));

    private static readonly Gen<string> Json = Gen.OneOf(
        Scalar,
        Scalar.Array[0, 4].Select(Space, static (items, space) => $"[{space}{string.Join(space + "," + space, items)}{space}]"),
        Members(Scalar),
        Members(Members(Scalar)),
        // As deep as a step may be.
        Gen.Int[1, 250].Select(Scalar, static (depth, inner) => string.Concat(Enumerable.Repeat("[", depth)) + inner + new string(']', depth)));

    private static readonly Gen<string> Object = Gen.OneOf(Members(Scalar), Members(Json), Gen.Const("{}"));

    private static readonly Gen<string> Flags = Text.Array[0, 4].Select(Space, static (items, space) => $"[{space}{string.Join(space + "," + space, items)}{space}]");

    /// <summary>The JSON text of one step.</summary>
    public static readonly Gen<string> Step = Gen.Select(
        Gen.Select(Field("step_number", Integer), Field("timestamp", Number), Field("action_path", Text), Field("action_query", Text), Field("action_content_length", Integer)),
        Gen.Select(Field("action_content", Text), Field("observation_snapshot", Json), Field("reward", Number), Field("cumulative_reward", Number), Field("done", Gen.OneOf("true", "false"))),
        Gen.Select(Field("error", Text), Field("file_diff", Object), Field("test_pass_rate", Number), Field("duration_ms", Number), Field("security_flags", Flags)),
        Gen.Select(Field("thought", Text), Field("response", Text), Field("agent_id", Text), Field("extra", Object)),
        Gen.Select(Text, Unknown(), Gen.Int, Space),
        static (a, b, c, d, rest) =>
        {
            string[] given = [a.Item1, a.Item2, a.Item3, a.Item4, a.Item5, b.Item1, b.Item2, b.Item3, b.Item4, b.Item5, c.Item1, c.Item2, c.Item3, c.Item4, c.Item5, d.Item1, d.Item2, d.Item3, d.Item4];
            string[] members = [.. given.Where(static m => m.Length > 0), $"\"action_type\":{rest.Item1}", .. rest.Item2];
            new Random(rest.Item3).Shuffle(members);
            return $"{{{rest.Item4}{string.Join(rest.Item4 + "," + rest.Item4, members)}{rest.Item4}}}";
        });

    private static Gen<string> Members(Gen<string> value) => Gen.Select(value.Array[0, 3], Space, Gen.Bool, static (values, space, twice) =>
        // The same name twice is legal JSON below the step's own fields.
        $"{{{space}{string.Join("," + space, values.Select((v, i) => $"\"{(twice ? "k" : "k" + i)}\"{space}:{space}{v}"))}{space}}}");

    private static Gen<string[]> Unknown() => Gen.Frequency(
        (4, Gen.Const(Array.Empty<string>())),
        (1, Json.Array[1, 3].Select(static values => values.Select(static (v, i) => $"\"unknown \\u00e9 \\\" {i}\":{v}").ToArray())));

    private static Gen<string> Field(string name, Gen<string> value) => Gen.Frequency(
        (3, Gen.Const("")),
        (1, Gen.Const($"\"{name}\":null")),
        (5, value.Select(Space, (v, space) => $"\"{name}\"{space}:{space}{v}")));
}

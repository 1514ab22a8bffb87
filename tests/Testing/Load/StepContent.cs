using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Rollbook.Testing;

/// <summary>The steps of a coding agent, each derived from its place alone: about 740 bytes, every fifth with a diff of 2 KiB more.</summary>
internal static class StepContent
{
    private static readonly string[] Actions = ["list_files", "read_file", "search", "write_file", "run_tests", "submit"];

    private static readonly string[] Words =
    [
        "parser", "token", "def", "return", "self", "assert", "raises", "import", "Unicode: \u00e4\u20ac\U0001F680", "path/to/module.py", "\"quoted\"",
        "line\nbreak", "tab\t", "back\\slash", "None", "0.10", "lambda", "yield", "fixture", "expected", "actual", "Traceback", "KeyError", "</script>",
    ];

    /// <summary>The step's JSON object, without line breaks.</summary>
    public static byte[] Json(int seed, int worker, int episode, long ordinal)
    {
        var random = new Random(Mix(seed, worker, episode, ordinal));
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteNumber("step_number", ordinal + 1);
        json.WritePropertyName("timestamp");
        json.WriteRawValue($"1763890{random.Next(100, 1000)}.{random.Next(10)}0");
        json.WriteString("action_type", Actions[random.Next(Actions.Length)]);
        json.WriteString("action_path", $"src/package_{random.Next(20)}/module_{random.Next(100)}.py");
        json.WriteStartObject("observation_snapshot");
        json.WriteString("place", $"{seed}/{worker}/{episode}/{ordinal}");
        json.WriteString("output", Text(random, 280));
        json.WriteNumber("exit_code", random.Next(3));
        json.WriteEndObject();
        json.WritePropertyName("reward");
        json.WriteRawValue($"-0.{random.Next(10)}0");
        json.WritePropertyName("cumulative_reward");
        json.WriteRawValue($"{random.Next(1, 10)}.5e-{random.Next(1, 10)}");
        json.WriteBoolean("done", false);
        if (ordinal % 5 == 4) WriteDiff(json, random);
        json.WriteNumber("duration_ms", random.Next(10_000));
        json.WriteStartArray("security_flags");
        json.WriteEndArray();
        json.WriteString("thought", Text(random, 120));
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Consecutive steps, one a line.</summary>
    public static byte[] Lines(int seed, int worker, int episode, long from, int count)
    {
        using var lines = new MemoryStream();
        for (var i = 0; i < count; i++)
        {
            lines.Write(Json(seed, worker, episode, from + i));
            lines.WriteByte((byte)'\n');
        }

        return lines.ToArray();
    }

    /// <summary>A seed of its own for each place; the same in every process, which <see cref="HashCode"/> isn't.</summary>
    public static int Mix(params ReadOnlySpan<long> parts)
    {
        var mixed = 0x9E3779B97F4A7C15UL;
        foreach (var part in parts)
        {
            mixed = (mixed ^ (ulong)part) * 0xBF58476D1CE4E5B9UL;
            mixed ^= mixed >> 29;
        }

        return (int)(mixed & int.MaxValue);
    }

    private static void WriteDiff(Utf8JsonWriter json, Random random)
    {
        json.WriteStartObject("file_diff");
        json.WriteString("path", "src/module.py");
        json.WriteString("before", Text(random, 1000));
        json.WriteString("after", Text(random, 1000));
        json.WriteNumber("chars_changed", random.Next(2000));
        json.WriteEndObject();
    }

    private static string Text(Random random, int length)
    {
        var text = new StringBuilder(length + 40);
        while (text.Length < length) text.Append(Words[random.Next(Words.Length)]).Append(' ');
        return text.ToString();
    }
}

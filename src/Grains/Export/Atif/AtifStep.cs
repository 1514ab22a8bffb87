using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Rollbook.Export;

/// <summary>A step of a document that <see cref="AtifWriter"/> wrote, as the canonical line that it was written from.</summary>
internal static class AtifStep
{
    private const int Depth = JsonText.MaxDepth * 2;

    /// <summary>True where the step is one of the episode's: the task and the first observation go before them as steps of their own.</summary>
    public static bool IsRecorded(ReadOnlySpan<byte> step) => !Member(Member(step, "extra"u8), "ordinal"u8).IsEmpty;

    /// <summary>The step's place in the episode; null where it says none.</summary>
    public static long? Ordinal(ReadOnlySpan<byte> step)
    {
        var ordinal = Member(Member(step, "extra"u8), "ordinal"u8);
        if (ordinal.IsEmpty) return null;
        var reader = new Utf8JsonReader(ordinal);
        return reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value) ? value : null;
    }

    /// <summary>The hash of the canonical line, in hexadecimal digits; null where the step has none.</summary>
    public static string? Hash(ReadOnlySpan<byte> step) => Text(Member(Member(step, "extra"u8), "hash"u8));

    /// <summary>Writes the line, without a line end.</summary>
    /// <param name="step">The step's JSON; white space between tokens is left out.</param>
    /// <param name="line">Takes the line.</param>
    /// <exception cref="InvalidDataException">It has no action.</exception>
    public static void WriteLine(ReadOnlySpan<byte> step, IBufferWriter<byte> line)
    {
        var compact = new byte[step.Length];
        ReadOnlySpan<byte> json = compact.AsSpan(0, JsonText.Compact(step, compact));
        var extra = Member(json, "extra"u8);
        var call = First(Member(json, "tool_calls"u8));
        var arguments = Member(call, "arguments"u8);
        if (Member(call, "function_name"u8).IsEmpty) throw new InvalidDataException("has no tool call");
        for (var field = StepField.StepNumber; field <= StepField.Extra; field++)
        {
            var value = field switch
            {
                StepField.ActionType => Member(call, "function_name"u8),
                StepField.ActionPath => Member(arguments, "path"u8),
                StepField.ActionQuery => Member(arguments, "query"u8),
                StepField.ActionContent => Member(arguments, "content"u8),
                StepField.Observation => Observation(json, extra),
                StepField.Thought => Member(extra, "thought"u8) is [(byte)'{', ..] reference ? reference : Member(json, "reasoning_content"u8),
                StepField.Response => Response(json, extra),
                _ => Member(extra, StepFieldNames.Prefixes[(int)field].AsSpan(2..^2)),
            };
            if (!value.IsEmpty) Put(field, value, line);
        }

        line.Write("}"u8);
    }

    private static void Put(StepField field, ReadOnlySpan<byte> value, IBufferWriter<byte> line)
    {
        var prefix = StepFieldNames.Prefixes[(int)field].AsSpan(1);
        line.Write(line is ArrayBufferWriter<byte> { WrittenCount: 0 } ? "{"u8 : ","u8);
        line.Write(prefix);
        line.Write(value);
    }

    private static ReadOnlySpan<byte> Observation(ReadOnlySpan<byte> step, ReadOnlySpan<byte> extra)
    {
        var content = Member(First(Member(Member(step, "observation"u8), "results"u8)), "content"u8);
        return Text(Member(extra, "observation"u8)) switch
        {
            "none" => [],
            "json" => Text(content) is { } json ? Encoding.UTF8.GetBytes(json) : [],
            _ => content,
        };
    }

    private static ReadOnlySpan<byte> Response(ReadOnlySpan<byte> step, ReadOnlySpan<byte> extra)
    {
        var message = Member(step, "message"u8);
        var own = Member(extra, "response"u8);
        return message.SequenceEqual("\"\""u8) || own.StartsWith("{"u8) ? own : message;
    }

    private static string? Text(ReadOnlySpan<byte> json)
    {
        if (!json.StartsWith("\""u8)) return null;
        var reader = new Utf8JsonReader(json);
        reader.Read();
        return reader.GetString();
    }

    /// <summary>The value of an object's last member of this name; empty where there is none, or no object.</summary>
    private static ReadOnlySpan<byte> Member(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> found = [];
        if (!json.TrimStart(" \t\r\n"u8).StartsWith("{"u8)) return found;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Depth });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals(name);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isIt) found = json[start..(int)reader.BytesConsumed];
        }

        return found;
    }

    private static ReadOnlySpan<byte> First(ReadOnlySpan<byte> array)
    {
        if (!array.StartsWith("["u8)) return [];
        var reader = new Utf8JsonReader(array, new JsonReaderOptions { MaxDepth = Depth });
        reader.Read();
        if (!reader.Read() || reader.TokenType == JsonTokenType.EndArray) return [];
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return array[start..(int)reader.BytesConsumed];
    }
}

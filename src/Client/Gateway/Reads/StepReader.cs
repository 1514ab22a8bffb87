using System.Text;
using System.Text.Json;

namespace Rollbook.Client;

/// <summary>From a recorded line to a typed step. The line was checked when it was recorded.</summary>
internal static class StepReader
{
    /// <summary>The step, with the defaults of the contract.</summary>
    public static Step Read(RecordedStep recorded)
    {
        var fields = new StepFields(recorded.Json.Span);
        return new Step
        {
            StepNumber = Integer(fields[StepField.StepNumber]) ?? recorded.Ordinal + 1,
            Timestamp = Number(fields[StepField.Timestamp]) ?? recorded.ReceivedAt,
            ActionType = Text(fields[StepField.ActionType])!,
            ActionPath = Text(fields[StepField.ActionPath]),
            ActionQuery = Text(fields[StepField.ActionQuery]),
            ActionContentLength = Integer(fields[StepField.ActionContentLength]),
            ActionContent = Text(fields[StepField.ActionContent]),
            Observation = Raw(recorded.Json, fields[StepField.Observation]),
            Reward = Number(fields[StepField.Reward]) ?? 0,
            CumulativeReward = Number(fields[StepField.CumulativeReward]) ?? 0,
            Done = fields[StepField.Done].SequenceEqual("true"u8),
            Error = Text(fields[StepField.Error]),
            FileDiff = Diff(fields[StepField.FileDiff]),
            TestPassRate = Number(fields[StepField.TestPassRate]),
            DurationMs = Number(fields[StepField.DurationMs]) ?? 0,
            SecurityFlags = Texts(fields[StepField.SecurityFlags]),
            Thought = Text(fields[StepField.Thought]),
            Response = Text(fields[StepField.Response]),
            AgentId = Text(fields[StepField.AgentId]),
            Extra = Raw(recorded.Json, fields[StepField.Extra]),
        };
    }

    private static Utf8JsonReader ReaderOf(ReadOnlySpan<byte> value)
    {
        var reader = new Utf8JsonReader(value, new JsonReaderOptions { MaxDepth = JsonText.MaxDepth });
        reader.Read();
        return reader;
    }

    private static string? Text(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty) return null;
        // A reference to a large value stands for its text.
        if (value[0] == '{') return Encoding.UTF8.GetString(value);
        // Most texts have no escape; their bytes are the text.
        if (value.Length >= 2 && !value.Contains((byte)'\\')) return Encoding.UTF8.GetString(value[1..^1]);
        return ReaderOf(value).GetString();
    }

    private static long? Integer(ReadOnlySpan<byte> value) => value.IsEmpty ? null : ReaderOf(value).GetInt64();

    private static double? Number(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty) return null;
        var reader = ReaderOf(value);
        return JsonNumbers.TryNamed(ref reader, out var named) ? named : reader.GetDouble();
    }

    private static JsonValue Raw(ReadOnlyMemory<byte> line, ReadOnlySpan<byte> value) =>
        !value.IsEmpty && line.Span.Overlaps(value, out var at) ? new JsonValue(line.Slice(at, value.Length)) : default;

    private static IReadOnlyList<string> Texts(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty) return [];
        var texts = new List<string>();
        var reader = ReaderOf(value);
        while (reader.Read() && reader.TokenType == JsonTokenType.String) texts.Add(reader.GetString()!);
        return texts;
    }

    // As of a text that is a field itself: a reference stands for it.
    private static string Whole(ReadOnlySpan<byte> value, ref Utf8JsonReader reader)
    {
        var from = (int)reader.TokenStartIndex;
        reader.Skip();
        return Encoding.UTF8.GetString(value[from..(int)reader.BytesConsumed]);
    }

    /// <summary>The recorder takes any object for a diff: what isn't there is empty here, and what is there besides stays in the line.</summary>
    private static FileDiff? Diff(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty) return null;
        var diff = new FileDiff("", null, "", 0);
        var reader = ReaderOf(value);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            diff = (name, reader.TokenType) switch
            {
                ("path", JsonTokenType.String) => diff with { Path = reader.GetString()! },
                ("before", JsonTokenType.String) => diff with { Before = reader.GetString() },
                ("after", JsonTokenType.String) => diff with { After = reader.GetString()! },
                ("before", JsonTokenType.StartObject) => diff with { Before = Whole(value, ref reader) },
                ("after", JsonTokenType.StartObject) => diff with { After = Whole(value, ref reader) },
                ("chars_changed", JsonTokenType.Number) when reader.TryGetInt64(out var count) => diff with { CharsChanged = count },
                _ => diff,
            };
            reader.Skip();
        }

        return diff;
    }
}

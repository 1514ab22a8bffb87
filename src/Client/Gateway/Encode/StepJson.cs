using System.Text.Json;

namespace Rollbook.Client;

/// <summary>Writes a typed step as the JSON of the contract, in the contract's order, without what is not set.</summary>
internal static class StepJson
{
    private static readonly JsonEncodedText[] Names = [.. StepFieldNames.All.Select(name => JsonEncodedText.Encode(name))];

    public static void Write(Utf8JsonWriter writer, Step step)
    {
        writer.WriteStartObject();
        if (step.StepNumber is { } number) writer.WriteNumber(Name(StepField.StepNumber), number);
        Number(writer, StepField.Timestamp, step.Timestamp);
        writer.WriteString(Name(StepField.ActionType), step.ActionType);
        Text(writer, StepField.ActionPath, step.ActionPath);
        Text(writer, StepField.ActionQuery, step.ActionQuery);
        if (step.ActionContentLength is { } length) writer.WriteNumber(Name(StepField.ActionContentLength), length);
        Text(writer, StepField.ActionContent, step.ActionContent);
        Raw(writer, StepField.Observation, step.Observation);
        Number(writer, StepField.Reward, step.Reward);
        Number(writer, StepField.CumulativeReward, step.CumulativeReward);
        writer.WriteBoolean(Name(StepField.Done), step.Done);
        Text(writer, StepField.Error, step.Error);
        Diff(writer, step.FileDiff);
        Number(writer, StepField.TestPassRate, step.TestPassRate);
        Number(writer, StepField.DurationMs, step.DurationMs);
        Flags(writer, step.SecurityFlags);
        Text(writer, StepField.Thought, step.Thought);
        Text(writer, StepField.Response, step.Response);
        Text(writer, StepField.AgentId, step.AgentId);
        Raw(writer, StepField.Extra, step.Extra);
        writer.WriteEndObject();
    }

    private static JsonEncodedText Name(StepField field) => Names[(int)field];

    private static void Text(Utf8JsonWriter writer, StepField field, string? value)
    {
        if (value is not null) writer.WriteString(Name(field), value);
    }

    private static void Number(Utf8JsonWriter writer, StepField field, double? value)
    {
        if (value is not { } number) return;
        writer.WritePropertyName(Name(field));
        writer.WriteNumber(number);
    }

    private static void Raw(Utf8JsonWriter writer, StepField field, JsonValue value)
    {
        if (value.IsAbsent) return;
        writer.WritePropertyName(Name(field));
        // The step's encoder reads every token after this; checked here too, a text such as `1,"reward":5` would pass as more than one value.
        writer.WriteRawValue(value.Utf8.Span);
    }

    private static void Diff(Utf8JsonWriter writer, FileDiff? diff)
    {
        if (diff is null) return;
        writer.WriteStartObject(Name(StepField.FileDiff));
        writer.WriteString("path"u8, diff.Path);
        writer.WriteString("before"u8, diff.Before);
        writer.WriteString("after"u8, diff.After);
        writer.WriteNumber("chars_changed"u8, diff.CharsChanged);
        writer.WriteEndObject();
    }

    private static void Flags(Utf8JsonWriter writer, IReadOnlyList<string>? flags)
    {
        if (flags is not { Count: > 0 }) return;
        writer.WriteStartArray(Name(StepField.SecurityFlags));
        for (var i = 0; i < flags.Count; i++) writer.WriteStringValue(flags[i]);
        writer.WriteEndArray();
    }
}

using System.Globalization;
using System.Text.Json;

namespace Rollbook.Export;

/// <summary>Writes a recorded step in the shapes of the contract. Values are copied as raw texts, never decoded.</summary>
internal static class StepLineWriter
{
    private static readonly JsonEncodedText[] Names = [.. StepFieldNames.All.Select(name => JsonEncodedText.Encode(name))];

    /// <summary>The fifteen fields of the single-process recorder, in its order.</summary>
    private static readonly StepField[] ReferenceFields =
    [
        StepField.StepNumber, StepField.Timestamp, StepField.ActionType, StepField.ActionPath, StepField.ActionQuery, StepField.ActionContentLength,
        StepField.Observation, StepField.Reward, StepField.CumulativeReward, StepField.Done, StepField.Error, StepField.FileDiff,
        StepField.TestPassRate, StepField.DurationMs, StepField.SecurityFlags,
    ];

    private static readonly StepField[] OwnFields =
        [StepField.ActionContent, StepField.Thought, StepField.Response, StepField.AgentId, StepField.Extra];

    /// <summary>Ordinal, receive time and the step as sent, defaults filled.</summary>
    public static void WriteLine(Utf8JsonWriter writer, StepEntry entry, long ordinal)
    {
        var fields = new StepFields(entry.Line);
        writer.WriteStartObject();
        WritePlace(writer, entry, ordinal);
        for (var field = StepField.StepNumber; field <= StepField.Extra; field++)
        {
            if (fields[field].IsEmpty && !HasDefault(field)) continue;
            WriteField(writer, field, fields[field], entry, ordinal);
        }

        writer.WriteEndObject();
    }

    /// <summary>
    /// As <see cref="WriteLine"/>, and what it takes to have the canonical line back, byte for byte: its hash, and the names of the fields that stand here with
    /// their default alone. Without them, and without its place, hash and time of receipt, the line is the canonical one.
    /// </summary>
    public static void WriteExact(Utf8JsonWriter writer, StepEntry entry, long ordinal)
    {
        var fields = new StepFields(entry.Line);
        writer.WriteStartObject();
        WritePlace(writer, entry, ordinal);
        WriteHash(writer, entry);
        WriteDefaulted(writer, fields);
        for (var field = StepField.StepNumber; field <= StepField.Extra; field++)
        {
            if (fields[field].IsEmpty && !HasDefault(field)) continue;
            WriteField(writer, field, fields[field], entry, ordinal);
        }

        writer.WriteEndObject();
    }

    /// <summary>The fifteen fields of the reference, nulls written.</summary>
    public static void WriteReference(Utf8JsonWriter writer, StepEntry entry, long ordinal)
    {
        var fields = new StepFields(entry.Line);
        writer.WriteStartObject();
        foreach (var field in ReferenceFields) WriteField(writer, field, fields[field], entry, ordinal);
        writer.WriteEndObject();
    }

    /// <summary>The reference's fields, then ours where they were sent.</summary>
    public static void WriteWhole(Utf8JsonWriter writer, StepEntry entry, long ordinal)
    {
        var fields = new StepFields(entry.Line);
        writer.WriteStartObject();
        WritePlace(writer, entry, ordinal);
        foreach (var field in ReferenceFields) WriteField(writer, field, fields[field], entry, ordinal);
        foreach (var field in OwnFields)
        {
            if (!fields[field].IsEmpty) WriteField(writer, field, fields[field], entry, ordinal);
        }

        writer.WriteEndObject();
    }

    /// <summary>What a timeline shows of a step.</summary>
    public static void WriteTimelineItem(Utf8JsonWriter writer, StepEntry entry, long ordinal)
    {
        var fields = new StepFields(entry.Line);
        writer.WriteStartObject();
        writer.WritePropertyName("step"u8);
        WriteValue(writer, StepField.StepNumber, fields[StepField.StepNumber], entry, ordinal);
        writer.WritePropertyName("action"u8);
        writer.WriteRawValue(fields[StepField.ActionType], skipInputValidation: true);
        writer.WritePropertyName("path"u8);
        WriteValue(writer, StepField.ActionPath, fields[StepField.ActionPath], entry, ordinal);
        WriteField(writer, StepField.Reward, fields[StepField.Reward], entry, ordinal);
        WriteField(writer, StepField.Error, fields[StepField.Error], entry, ordinal);
        WriteField(writer, StepField.DurationMs, fields[StepField.DurationMs], entry, ordinal);
        writer.WritePropertyName("pass_rate"u8);
        WriteValue(writer, StepField.TestPassRate, fields[StepField.TestPassRate], entry, ordinal);
        WriteField(writer, StepField.SecurityFlags, fields[StepField.SecurityFlags], entry, ordinal);
        writer.WriteEndObject();
    }

    /// <summary>What is needed to do the step again.</summary>
    public static void WriteReplayAction(Utf8JsonWriter writer, StepEntry entry, long ordinal)
    {
        var fields = new StepFields(entry.Line);
        writer.WriteStartObject();
        WriteField(writer, StepField.ActionType, fields[StepField.ActionType], entry, ordinal);
        WriteGiven(writer, "path"u8, fields[StepField.ActionPath], alsoEmpty: false);
        WriteGiven(writer, "query"u8, fields[StepField.ActionQuery], alsoEmpty: false);
        WriteGiven(writer, "content"u8, fields[StepField.ActionContent], alsoEmpty: true);
        writer.WriteEndObject();
    }

    /// <summary>The hash of the canonical line, the first 16 bytes of its SHA-256, in 32 hexadecimal digits.</summary>
    public static void WriteHash(Utf8JsonWriter writer, StepEntry entry)
    {
        Span<byte> digits = stackalloc byte[32];
        entry.Hash.TryFormat(digits, out _, "x32", CultureInfo.InvariantCulture);
        writer.WriteString("hash"u8, digits);
    }

    /// <summary>Ordinal and time of receipt.</summary>
    public static void WritePlace(Utf8JsonWriter writer, StepEntry entry, long ordinal)
    {
        writer.WriteNumber("ordinal"u8, ordinal);
        writer.WriteNumber("received_at"u8, UnixTime.Seconds(entry.ReceivedAt));
    }

    private static void WriteDefaulted(Utf8JsonWriter writer, StepFields fields)
    {
        var any = false;
        for (var field = StepField.StepNumber; field <= StepField.Extra; field++)
        {
            if (!fields[field].IsEmpty || !HasDefault(field)) continue;
            if (!any) writer.WriteStartArray("defaulted"u8);
            any = true;
            writer.WriteStringValue(Names[(int)field]);
        }

        if (any) writer.WriteEndArray();
    }

    private static void WriteGiven(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, bool alsoEmpty)
    {
        if (value.IsEmpty || (!alsoEmpty && value.SequenceEqual("\"\""u8))) return;
        writer.WritePropertyName(name);
        writer.WriteRawValue(value, skipInputValidation: true);
    }

    private static void WriteField(Utf8JsonWriter writer, StepField field, ReadOnlySpan<byte> value, StepEntry entry, long ordinal)
    {
        writer.WritePropertyName(Names[(int)field]);
        WriteValue(writer, field, value, entry, ordinal);
    }

    private static void WriteValue(Utf8JsonWriter writer, StepField field, ReadOnlySpan<byte> value, StepEntry entry, long ordinal)
    {
        if (!value.IsEmpty)
        {
            writer.WriteRawValue(value, skipInputValidation: true);
            return;
        }

        switch (field)
        {
            case StepField.StepNumber:
                writer.WriteNumberValue(ordinal + 1);
                break;
            case StepField.Timestamp:
                writer.WriteNumberValue(UnixTime.Seconds(entry.ReceivedAt));
                break;
            case StepField.Reward or StepField.CumulativeReward or StepField.DurationMs:
                writer.WriteRawValue("0.0"u8, skipInputValidation: true);
                break;
            case StepField.Done:
                writer.WriteBooleanValue(false);
                break;
            case StepField.SecurityFlags:
                writer.WriteRawValue("[]"u8, skipInputValidation: true);
                break;
            case StepField.Observation:
                writer.WriteRawValue("{}"u8, skipInputValidation: true);
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    /// <summary>Whether a field that a step doesn't have stands in its line with a default.</summary>
    public static bool HasDefault(StepField field) => field is StepField.StepNumber or StepField.Timestamp or StepField.Reward
        or StepField.CumulativeReward or StepField.Done or StepField.DurationMs or StepField.SecurityFlags;
}

using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Rollbook.Export;

/// <summary>
/// STS: a line that names the session, then a message a line: the task, and for each step what the agent did and what came back. It is for reading: rewards and all
/// else that a viewer doesn't show is in the other formats.
/// </summary>
internal sealed class StsWriter(IBufferWriter<byte> output) : EpisodeWriter(output)
{
    private readonly ArrayBufferWriter<byte> arguments = new();
    private EpisodeRecord record = null!;

    /// <inheritdoc/>
    public override void Begin(EpisodeRecord record, StepSummary summary)
    {
        this.record = record;
        Json.WriteStartObject();
        Json.WriteString("type"u8, "session"u8);
        Json.WriteString("harness"u8, "rollbook"u8);
        Json.WriteString("id"u8, record.Key.Id.ToString());
        Json.WriteString("name"u8, record.Task);
        Json.WriteEndObject();
        EndLine();
        BeginMessage("user"u8);
        Json.WriteString("content"u8, record.Task);
        EndMessage(StepTimes.Micros(record.StartTime));
        if (record.InitialObservation is not { } observation) return;
        BeginMessage("user"u8);
        WriteText("content"u8, Encoding.UTF8.GetBytes(observation));
        EndMessage(StepTimes.Micros(record.StartTime));
    }

    /// <inheritdoc/>
    public override void Step(StepEntry entry, long ordinal, int pass)
    {
        var fields = new StepFields(entry.Line);
        var micros = StepTimes.Micros(fields[StepField.Timestamp], entry.ReceivedAt);
        Span<char> text = stackalloc char[32];
        text.TryWrite(CultureInfo.InvariantCulture, $"call_{ordinal}", out var length);
        var callId = text[..length];

        BeginMessage("assistant"u8);
        WriteText("content"u8, fields[StepField.Response].IsEmpty ? "\"\""u8 : fields[StepField.Response]);
        if (!fields[StepField.Thought].IsEmpty) WriteText("reasoningContent"u8, fields[StepField.Thought]);
        Json.WriteStartArray("toolCalls"u8);
        Json.WriteStartObject();
        Json.WriteString("id"u8, callId);
        Json.WriteStartObject("function"u8);
        WriteRaw("name"u8, fields[StepField.ActionType]);
        Json.WriteString("arguments"u8, Arguments(fields));
        Json.WriteEndObject();
        Json.WriteEndObject();
        Json.WriteEndArray();
        if (record.PolicyVersion is not null) Json.WriteString("model"u8, record.PolicyVersion);
        EndMessage(micros);

        BeginMessage("tool"u8);
        WriteText("content"u8, Outcome(fields));
        Json.WriteString("toolCallId"u8, callId);
        EndMessage(micros);
    }

    /// <inheritdoc/>
    public override void End()
    {
    }

    private static ReadOnlySpan<byte> Outcome(StepFields fields) =>
        !fields[StepField.Observation].IsEmpty ? fields[StepField.Observation]
        : !fields[StepField.Error].IsEmpty ? fields[StepField.Error]
        : "\"\""u8;

    private ReadOnlySpan<byte> Arguments(StepFields fields)
    {
        arguments.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(arguments, new JsonWriterOptions { SkipValidation = true }))
        {
            json.WriteStartObject();
            Add(json, "path"u8, fields[StepField.ActionPath]);
            Add(json, "query"u8, fields[StepField.ActionQuery]);
            Add(json, "content"u8, fields[StepField.ActionContent]);
            json.WriteEndObject();
        }

        return arguments.WrittenSpan;
    }

    private static void Add(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty) return;
        json.WritePropertyName(name);
        json.WriteRawValue(value, skipInputValidation: true);
    }

    private void BeginMessage(ReadOnlySpan<byte> role)
    {
        Json.WriteStartObject();
        Json.WriteString("type"u8, "message"u8);
        Json.WriteStartObject("message"u8);
        Json.WriteString("role"u8, role);
    }

    private void EndMessage(long? micros)
    {
        if (micros is { } time) Json.WriteNumber("timestamp"u8, time / 1000);
        Json.WriteEndObject();
        Json.WriteEndObject();
        EndLine();
    }
}

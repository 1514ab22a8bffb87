using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Rollbook.Export;

/// <summary>
/// SWE-agent's trajectory, with <c>trajectory</c> and <c>history</c> filled, since its replay reads the one and its inspector the other: so the steps are read
/// twice. What an imported trajectory brought with it goes back to its place; the record is <c>info.rollbook</c>, a step's other fields are in <c>extra_info</c>.
/// </summary>
internal sealed class TrajWriter(IBufferWriter<byte> output) : EpisodeWriter(output)
{
    private const int History = 1;

    private static readonly StepField[] InfoFields =
    [
        StepField.StepNumber, StepField.Timestamp, StepField.ActionType, StepField.ActionPath, StepField.ActionQuery, StepField.ActionContentLength,
        StepField.ActionContent, StepField.Reward, StepField.CumulativeReward, StepField.Done, StepField.Error, StepField.FileDiff, StepField.TestPassRate,
        StepField.DurationMs, StepField.SecurityFlags, StepField.AgentId,
    ];

    private EpisodeRecord record = null!;
    private StepSummary summary = StepSummary.Empty;
    private byte[] metadata = [];

    /// <inheritdoc/>
    public override int Passes => 2;

    /// <inheritdoc/>
    public override void Begin(EpisodeRecord record, StepSummary summary)
    {
        this.record = record;
        this.summary = summary;
        metadata = Encoding.UTF8.GetBytes(record.Metadata ?? "");
        Json.WriteStartObject();
        var environment = ObjectMembers.Find(metadata, "environment"u8);
        if (environment.StartsWith("\""u8)) WriteRaw("environment"u8, environment);
        else Json.WriteString("environment"u8, record.Environment ?? "main");
        var replay = ObjectMembers.Find(metadata, "replay_config"u8);
        // A text with JSON in it, or null; older releases wrote the object itself.
        WriteRaw("replay_config"u8, replay.IsEmpty ? "null"u8 : replay);
        BeginInfo();
    }

    /// <inheritdoc/>
    public override void Score(ScoreEvent score) => RecordWriter.WriteScore(Json, score);

    /// <inheritdoc/>
    public override void BeginSteps(int pass)
    {
        if (pass == History)
        {
            Json.WriteStartArray("history"u8);
            BeginMessage("user"u8, "observation"u8);
            Json.WriteString("content"u8, record.Task);
            Json.WriteEndObject();
            if (record.InitialObservation is not { } observation) return;
            BeginMessage("user"u8, "observation"u8);
            WriteText("content"u8, Encoding.UTF8.GetBytes(observation));
            Json.WriteEndObject();
            return;
        }

        Json.WriteEndArray();
        RecordWriter.WriteExportFoot(Json, record, summary);
        Json.WriteEndObject();
        Json.WriteEndObject();
        Json.WriteStartArray("trajectory"u8);
    }

    /// <inheritdoc/>
    public override void Step(StepEntry entry, long ordinal, int pass)
    {
        var fields = new StepFields(entry.Line);
        if (pass == History) WriteMessages(fields);
        else WriteItem(fields, entry, ordinal);
    }

    /// <inheritdoc/>
    public override void EndSteps(int pass) => Json.WriteEndArray();

    /// <inheritdoc/>
    public override void End()
    {
        Json.WriteEndObject();
        EndLine();
    }

    private static ReadOnlySpan<byte> OrEmpty(ReadOnlySpan<byte> text) => text.IsEmpty ? "\"\""u8 : text;

    private static ReadOnlySpan<byte> Array(ReadOnlySpan<byte> extra, ReadOnlySpan<byte> name)
    {
        var value = ObjectMembers.Find(extra, name);
        return value.StartsWith("["u8) ? value : [];
    }

    private static bool IsNumber(ReadOnlySpan<byte> value) => value is [(byte)'-' or (>= (byte)'0' and <= (byte)'9'), ..];

    /// <summary>Whether a member of <c>extra</c>, left there by the import of a trajectory, has gone back to its own place.</summary>
    private static bool IsPlaced(ObjectMembers member, ReadOnlySpan<byte> extra) => member.Name switch
    {
        "state" => true,
        "execution_time" => IsNumber(member.Value),
        "extra_info" => member.Value.StartsWith("{"u8),
        "query" => member.Value.StartsWith("["u8),
        "messages" => member.Value.StartsWith("["u8) && Array(extra, "query"u8).IsEmpty,
        _ => false,
    };

    private void BeginInfo()
    {
        Json.WriteStartObject("info"u8);
        var hasStatus = false;
        for (var members = new ObjectMembers(ObjectMembers.Find(metadata, "info"u8)); members.Next();)
        {
            if (members.RawName.SequenceEqual("rollbook"u8)) continue;
            hasStatus |= members.RawName.SequenceEqual("exit_status"u8);
            WriteMember(members);
        }

        if (!hasStatus && record.EndCause is not null) Json.WriteString("exit_status"u8, record.EndCause);
        Json.WriteStartObject("rollbook"u8);
        RecordWriter.WriteHead(Json, record);
        Json.WriteStartArray("scores"u8);
    }

    private void WriteItem(StepFields fields, StepEntry entry, long ordinal)
    {
        var extra = fields[StepField.Extra];
        Json.WriteStartObject();
        Json.WriteString("action"u8, TrajAction.Text(fields));
        WriteText("observation"u8, Outcome(fields));
        WriteText("response"u8, OrEmpty(fields[StepField.Response]));
        WriteText("thought"u8, OrEmpty(fields[StepField.Thought]));
        WriteSeconds(ObjectMembers.Find(extra, "execution_time"u8), fields[StepField.DurationMs]);
        var state = ObjectMembers.Find(extra, "state"u8);
        WriteRaw("state"u8, state.IsEmpty ? "{}"u8 : state);
        // Up to 1.0 it was called messages.
        var query = Array(extra, "query"u8);
        if (query.IsEmpty) query = Array(extra, "messages"u8);
        WriteRaw("query"u8, query.IsEmpty ? "[]"u8 : query);
        WriteExtraInfo(fields, entry, ordinal);
        Json.WriteEndObject();
    }

    private void WriteSeconds(ReadOnlySpan<byte> sent, ReadOnlySpan<byte> milliseconds)
    {
        if (IsNumber(sent))
        {
            WriteRaw("execution_time"u8, sent);
            return;
        }

        var seconds = 0.0;
        if (!milliseconds.IsEmpty)
        {
            var reader = new Utf8JsonReader(milliseconds);
            reader.Read();
            // Not finite: a text.
            if (reader.TokenType == JsonTokenType.Number) seconds = reader.GetDouble() / 1000;
        }

        Json.WriteNumber("execution_time"u8, seconds);
    }

    private void WriteExtraInfo(StepFields fields, StepEntry entry, long ordinal)
    {
        var extra = fields[StepField.Extra];
        Json.WriteStartObject("extra_info"u8);
        for (var members = new ObjectMembers(ObjectMembers.Find(extra, "extra_info"u8)); members.Next();) WriteMember(members);
        Json.WriteStartObject("rollbook"u8);
        StepLineWriter.WritePlace(Json, entry, ordinal);
        foreach (var field in InfoFields) WriteGiven(StepFieldNames.Prefixes[(int)field].AsSpan(2..^2), fields[field]);
        Json.WriteStartObject("extra"u8);
        for (var members = new ObjectMembers(extra); members.Next();)
        {
            if (!IsPlaced(members, extra)) WriteMember(members);
        }

        Json.WriteEndObject();
        Json.WriteEndObject();
        Json.WriteEndObject();
    }

    private void WriteMessages(StepFields fields)
    {
        var action = TrajAction.Text(fields);
        var calls = ObjectMembers.Find(fields[StepField.Extra], "tool_calls"u8);
        BeginMessage("assistant"u8, "action"u8);
        if (fields[StepField.Response].IsEmpty) Json.WriteString("content"u8, action);
        else WriteText("content"u8, fields[StepField.Response]);
        WriteText("thought"u8, OrEmpty(fields[StepField.Thought]));
        Json.WriteString("action"u8, action);
        if (calls.StartsWith("["u8)) WriteRaw("tool_calls"u8, calls);
        Json.WriteEndObject();
        BeginMessage("user"u8, "observation"u8);
        WriteText("content"u8, Outcome(fields));
        Json.WriteEndObject();
    }

    private void BeginMessage(ReadOnlySpan<byte> role, ReadOnlySpan<byte> type)
    {
        Json.WriteStartObject();
        Json.WriteString("role"u8, role);
        Json.WriteString("message_type"u8, type);
        Json.WriteString("agent"u8, "main"u8);
    }

    private static ReadOnlySpan<byte> Outcome(StepFields fields) =>
        fields[StepField.Observation].IsEmpty ? OrEmpty(fields[StepField.Error]) : fields[StepField.Observation];

    private void WriteMember(ObjectMembers members)
    {
        Json.WritePropertyName(members.Name);
        Json.WriteRawValue(members.Value, skipInputValidation: true);
    }
}

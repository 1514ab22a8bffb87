using System.Buffers;
using System.Globalization;

namespace Rollbook.Export;

/// <summary>
/// An ATIF-v1.8 document on one line. ATIF refuses keys that it doesn't know, so all of ours lies in <c>extra</c>: of the root the record, as the first line of a
/// <c>jsonl</c> export has it; of a step its place, its hash and the fields that ATIF has no place for. Values are copied as they stand, so that
/// <see cref="AtifStep"/> makes the canonical line out of a step again.
/// </summary>
/// <remarks>
/// A step's <c>extra</c> may hold two marks for what ATIF can't tell apart: <c>observation</c> says that <c>content</c> is the text of a JSON value
/// (<c>json</c>) or stands for an observation that the step has not (<c>none</c>: it is the error); <c>response</c> is there where the response is an empty text.
/// </remarks>
internal sealed class AtifWriter(IBufferWriter<byte> output) : EpisodeWriter(output)
{
    /// <summary>The version that is written.</summary>
    public const string Version = "ATIF-v1.8";

    private const string Unknown = "unknown";

    private static readonly StepField[] ExtraFields =
    [
        StepField.StepNumber, StepField.Timestamp, StepField.ActionContentLength, StepField.Reward, StepField.CumulativeReward, StepField.Done, StepField.Error,
        StepField.FileDiff, StepField.TestPassRate, StepField.DurationMs, StepField.SecurityFlags, StepField.AgentId, StepField.Extra,
    ];

    private readonly AtifTotals totals = new();
    private EpisodeRecord record = null!;
    private StepSummary summary = StepSummary.Empty;
    private long stepId;

    /// <inheritdoc/>
    public override void Begin(EpisodeRecord record, StepSummary summary)
    {
        this.record = record;
        this.summary = summary;
        var id = record.Key.Id.ToString();
        Json.WriteStartObject();
        Json.WriteString("schema_version"u8, Version);
        Json.WriteString("trajectory_id"u8, id);
        Json.WriteString("session_id"u8, id);
        Json.WriteStartObject("agent"u8);
        Json.WriteString("name"u8, record.PolicyVersion ?? Unknown);
        Json.WriteString("version"u8, record.PolicyVersion ?? Unknown);
        if (record.PolicyVersion is not null) Json.WriteString("model_name"u8, record.PolicyVersion);
        Json.WriteEndObject();
        Json.WriteStartObject("extra"u8);
        RecordWriter.WriteHead(Json, record);
        Json.WriteStartArray("scores"u8);
    }

    /// <inheritdoc/>
    public override void Score(ScoreEvent score) => RecordWriter.WriteScore(Json, score);

    /// <inheritdoc/>
    public override void BeginSteps(int pass)
    {
        Json.WriteEndArray();
        RecordWriter.WriteExportFoot(Json, record, summary);
        Json.WriteEndObject();
        Json.WriteStartArray("steps"u8);
        // A document has at least one step. The task is what the agent was told.
        BeginStep("user"u8, StepTimes.Micros(record.StartTime));
        Json.WriteString("message"u8, record.Task);
        Json.WriteEndObject();
        if (record.InitialObservation is not { } observation) return;
        BeginStep("system"u8, StepTimes.Micros(record.StartTime));
        Json.WriteString("message"u8, ""u8);
        Json.WriteStartObject("observation"u8);
        Json.WriteStartArray("results"u8);
        Json.WriteStartObject();
        WriteText("content"u8, System.Text.Encoding.UTF8.GetBytes(observation));
        Json.WriteEndObject();
        Json.WriteEndArray();
        Json.WriteEndObject();
        Json.WriteEndObject();
    }

    /// <inheritdoc/>
    public override void Step(StepEntry entry, long ordinal, int pass)
    {
        var fields = new StepFields(entry.Line);
        var metrics = AtifMetrics.Of(fields[StepField.Extra]);
        BeginStep("agent"u8, StepTimes.Micros(fields[StepField.Timestamp], entry.ReceivedAt));
        WriteText("message"u8, fields[StepField.Response].IsEmpty ? "\"\""u8 : fields[StepField.Response]);
        if (!fields[StepField.Thought].IsEmpty) WriteText("reasoning_content"u8, fields[StepField.Thought]);
        // 0 = no model was asked, and then there may be no reasoning and no metrics.
        if (fields[StepField.Thought].IsEmpty && fields[StepField.Response].IsEmpty && !metrics.Any) Json.WriteNumber("llm_call_count"u8, 0);
        Span<char> callId = stackalloc char[32];
        callId = callId[..Format(callId, ordinal)];
        WriteCall(fields, callId);
        WriteObservation(fields, callId);
        WriteMetrics(metrics);
        WriteExtra(fields, entry, ordinal);
        Json.WriteEndObject();
    }

    /// <inheritdoc/>
    public override void End()
    {
        Json.WriteEndArray();
        Json.WriteStartObject("final_metrics"u8);
        totals.Write(Json);
        Json.WriteNumber("total_steps"u8, stepId);
        Json.WriteEndObject();
        Json.WriteEndObject();
        EndLine();
    }

    private static int Format(Span<char> callId, long ordinal)
    {
        callId.TryWrite(CultureInfo.InvariantCulture, $"call_{ordinal}", out var length);
        return length;
    }

    private void BeginStep(ReadOnlySpan<byte> source, long? micros)
    {
        Json.WriteStartObject();
        Json.WriteNumber("step_id"u8, ++stepId);
        if (micros is { } time && StepTimes.Iso(time) is { } iso) Json.WriteString("timestamp"u8, iso);
        Json.WriteString("source"u8, source);
    }

    private void WriteCall(StepFields fields, ReadOnlySpan<char> callId)
    {
        Json.WriteStartArray("tool_calls"u8);
        Json.WriteStartObject();
        Json.WriteString("tool_call_id"u8, callId);
        WriteRaw("function_name"u8, fields[StepField.ActionType]);
        Json.WriteStartObject("arguments"u8);
        WriteGiven("path"u8, fields[StepField.ActionPath]);
        WriteGiven("query"u8, fields[StepField.ActionQuery]);
        WriteGiven("content"u8, fields[StepField.ActionContent]);
        Json.WriteEndObject();
        Json.WriteEndObject();
        Json.WriteEndArray();
    }

    private void WriteObservation(StepFields fields, ReadOnlySpan<char> callId)
    {
        var observation = fields[StepField.Observation];
        if (observation.IsEmpty) observation = fields[StepField.Error];
        if (observation.IsEmpty) return;
        Json.WriteStartObject("observation"u8);
        Json.WriteStartArray("results"u8);
        Json.WriteStartObject();
        Json.WriteString("source_call_id"u8, callId);
        WriteText("content"u8, observation);
        Json.WriteEndObject();
        Json.WriteEndArray();
        Json.WriteEndObject();
    }

    private void WriteMetrics(AtifMetrics metrics)
    {
        if (!metrics.Any) return;
        totals.Add(metrics);
        Json.WriteStartObject("metrics"u8);
        WriteGiven("prompt_tokens"u8, metrics.PromptTokens);
        WriteGiven("completion_tokens"u8, metrics.CompletionTokens);
        WriteGiven("cached_tokens"u8, metrics.CachedTokens);
        WriteGiven("cost_usd"u8, metrics.CostUsd);
        WriteGiven("prompt_token_ids"u8, metrics.PromptTokenIds);
        WriteGiven("completion_token_ids"u8, metrics.CompletionTokenIds);
        WriteGiven("logprobs"u8, metrics.Logprobs);
        Json.WriteEndObject();
    }

    private void WriteExtra(StepFields fields, StepEntry entry, long ordinal)
    {
        Json.WriteStartObject("extra"u8);
        StepLineWriter.WritePlace(Json, entry, ordinal);
        StepLineWriter.WriteHash(Json, entry);
        foreach (var field in ExtraFields)
        {
            if (!fields[field].IsEmpty) WriteRaw(StepFieldNames.Prefixes[(int)field].AsSpan(2..^2), fields[field]);
        }

        var observation = fields[StepField.Observation];
        if (!observation.IsEmpty && observation[0] != '"') Json.WriteString("observation"u8, "json"u8);
        else if (observation.IsEmpty && !fields[StepField.Error].IsEmpty) Json.WriteString("observation"u8, "none"u8);
        if (fields[StepField.Response].SequenceEqual("\"\""u8)) Json.WriteString("response"u8, ""u8);
        // References to large values stand above as texts, which the format wants there.
        else if (fields[StepField.Response].StartsWith("{"u8)) WriteRaw("response"u8, fields[StepField.Response]);
        if (fields[StepField.Thought].StartsWith("{"u8)) WriteRaw("thought"u8, fields[StepField.Thought]);
        Json.WriteEndObject();
    }
}

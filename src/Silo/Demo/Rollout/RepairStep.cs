using System.Buffers;
using System.Text.Json;

namespace Rollbook.Silo.Demo;

/// <summary>One step of an episode: an action and what came of it.</summary>
/// <param name="Number">1-based.</param>
/// <param name="Action">What the agent did.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="CumulativeReward">The sum of rewards so far.</param>
internal sealed record RepairStep(int Number, RepairAction Action, RepairOutcome Outcome, double CumulativeReward)
{
    /// <summary>Writes the step as the recorder takes it: one JSON object in UTF-8.</summary>
    /// <param name="timestamp">Unix seconds.</param>
    /// <param name="durationMs">What the environment took.</param>
    public ReadOnlyMemory<byte> ToJson(double timestamp, double durationMs)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteNumber("step_number", Number);
        json.WriteNumber("timestamp", timestamp);
        json.WriteString("action_type", Action.Type);
        json.WriteString("action_path", Action.Path);
        json.WriteString("action_query", Action.Query);
        if (Action.Content is not null)
        {
            json.WriteNumber("action_content_length", Action.Content.Length);
            json.WriteString("action_content", Action.Content);
        }
        json.WritePropertyName("observation_snapshot");
        Outcome.Observation.WriteTo(json);
        json.WriteNumber("reward", Outcome.Reward);
        json.WriteNumber("cumulative_reward", CumulativeReward);
        json.WriteBoolean("done", Outcome.Done);
        json.WriteString("error", Outcome.Error);
        if (Outcome.Change is { } change)
            WriteChange(json, change);
        if (Outcome.PassRate is { } rate)
            json.WriteNumber("test_pass_rate", rate);
        json.WriteNumber("duration_ms", durationMs);
        json.WriteStartArray("security_flags");
        foreach (var flag in Outcome.SecurityFlags)
            json.WriteStringValue(flag);
        json.WriteEndArray();
        json.WriteString("thought", Action.Thought);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static void WriteChange(Utf8JsonWriter json, FileChange change)
    {
        json.WriteStartObject("file_diff");
        json.WriteString("path", change.Path);
        json.WriteString("before", change.Before);
        json.WriteString("after", change.After);
        json.WriteNumber("chars_changed", change.CharsChanged);
        json.WriteEndObject();
    }
}

using System.Buffers;

namespace Rollbook.Cli;

/// <summary>The trajectory of a single-process recorder: its keys in its order, and nothing else.</summary>
internal sealed class ReferenceFormat : IEpisodeFormat
{
    private static readonly KeyValuePair<string, string>[] Before =
    [
        new("episode_id", "null"), new("task", "null"), new("variant_id", "null"), new("start_time", "null"), new("end_time", "null"),
        new("duration_seconds", "null"),
    ];

    // That recorder knows no "not scored": it shows 0.0.
    private static readonly KeyValuePair<string, string>[] After = [new("final_score", "0.0"), new("total_steps", "0"), new("metadata", "{}")];

    private static readonly KeyValuePair<string, string>[] StepFields =
    [
        new("step_number", "null"), new("timestamp", "null"), new("action_type", "null"), new("action_path", "null"), new("action_query", "null"),
        new("action_content_length", "null"), new("observation_snapshot", "null"), new("reward", "0.0"), new("cumulative_reward", "0.0"),
        new("done", "false"), new("error", "null"), new("file_diff", "null"), new("test_pass_rate", "null"), new("duration_ms", "0.0"),
        new("security_flags", "[]"),
    ];

    public void Begin(IBufferWriter<byte> output, RawObject record)
    {
        record.WriteMembers(output, Before);
        output.Write(",\"steps\":["u8);
    }

    public void Step(IBufferWriter<byte> output, ReadOnlyMemory<byte> line, bool first)
    {
        output.Write(first ? "\n"u8 : ",\n"u8);
        using var step = new RawObject(line);
        step.WriteMembers(output, StepFields);
        output.Write("}"u8);
    }

    public void End(IBufferWriter<byte> output, RawObject record)
    {
        var members = new ArrayBufferWriter<byte>();
        record.WriteMembers(members, After);
        output.Write("],"u8);
        output.Write(members.WrittenSpan[1..]);
        output.Write("}\n"u8);
    }
}

using System.Text;
using System.Text.Json;

namespace Rollbook.Steps;

/// <summary>The names of a step's fields on the wire.</summary>
internal static class StepFieldNames
{
    /// <summary>How many fields there are.</summary>
    public const int Count = (int)StepField.Extra + 1;

    /// <summary>The names, indexed by <see cref="StepField"/>.</summary>
    public static readonly string[] All =
    [
        "step_number", "timestamp", "action_type", "action_path", "action_query", "action_content_length", "action_content",
        "observation_snapshot", "reward", "cumulative_reward", "done", "error", "file_diff", "test_pass_rate", "duration_ms",
        "security_flags", "thought", "response", "agent_id", "extra",
    ];

    /// <summary><c>,"name":</c> for each field.</summary>
    public static readonly byte[][] Prefixes = [.. All.Select(name => Encoding.UTF8.GetBytes($",\"{name}\":"))];

    /// <summary>The bytes of all prefixes together: the most that names can add to a line.</summary>
    public static readonly int PrefixBytes = Prefixes.Sum(prefix => prefix.Length);

    /// <summary>The field that the reader's property name names, or -1.</summary>
    public static int Find(ref Utf8JsonReader reader) =>
        reader.ValueIsEscaped ? FindEscaped(ref reader) : Find(reader.ValueSpan);

    /// <summary>The field that a name without escapes names, or -1.</summary>
    public static int Find(ReadOnlySpan<byte> name)
    {
        var field = Guess(name);
        // A prefix is comma, quote, name, quote, colon.
        return field >= 0 && name.SequenceEqual(Prefixes[field].AsSpan(2, Prefixes[field].Length - 4)) ? field : -1;
    }

    private static int Guess(ReadOnlySpan<byte> name) => name.Length switch
    {
        4 => (int)StepField.Done,
        5 => name[1] == 'r' ? (int)StepField.Error : (int)StepField.Extra,
        6 => (int)StepField.Reward,
        7 => (int)StepField.Thought,
        8 => name[0] == 'r' ? (int)StepField.Response : (int)StepField.AgentId,
        9 => name[0] == 't' ? (int)StepField.Timestamp : (int)StepField.FileDiff,
        11 => name[0] == 's' ? (int)StepField.StepNumber
            : name[0] == 'd' ? (int)StepField.DurationMs
            : name[7] == 't' ? (int)StepField.ActionType : (int)StepField.ActionPath,
        12 => (int)StepField.ActionQuery,
        14 => name[0] == 't' ? (int)StepField.TestPassRate
            : name[0] == 's' ? (int)StepField.SecurityFlags : (int)StepField.ActionContent,
        17 => (int)StepField.CumulativeReward,
        20 => (int)StepField.Observation,
        21 => (int)StepField.ActionContentLength,
        _ => -1,
    };

    private static int FindEscaped(ref Utf8JsonReader reader)
    {
        for (var i = 0; i < Count; i++)
        {
            if (reader.ValueTextEquals(All[i])) return i;
        }

        return -1;
    }
}

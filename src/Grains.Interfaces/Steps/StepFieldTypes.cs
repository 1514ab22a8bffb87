using System.Text.Json;

namespace Rollbook.Steps;

/// <summary>The types of a step's fields, and what of them an entry's head keeps.</summary>
internal static class StepFieldTypes
{
    /// <summary>Checks the first token of a field's value, which is not null.</summary>
    /// <exception cref="JsonFault">It has the wrong type, or a number is out of range.</exception>
    public static void Check(StepField field, ref Utf8JsonReader reader, ref StepParts.Numbers head)
    {
        switch (field)
        {
            case StepField.Observation:
                break;
            case StepField.StepNumber:
                head.StepNumber = Integer(field, ref reader);
                break;
            case StepField.ActionContentLength:
                Integer(field, ref reader);
                break;
            case StepField.Timestamp:
                Number(field, ref reader);
                head.Flags |= StepFlags.HasTimestamp;
                break;
            case StepField.Reward:
                head.Reward = Number(field, ref reader);
                break;
            case StepField.CumulativeReward:
                head.CumulativeReward = Number(field, ref reader);
                break;
            case StepField.TestPassRate:
                head.PassRate = Number(field, ref reader);
                break;
            case StepField.DurationMs:
                Number(field, ref reader);
                break;
            case StepField.Done:
                if (reader.TokenType is not (JsonTokenType.True or JsonTokenType.False)) throw Wrong(field, "true or false", ref reader);
                if (reader.TokenType == JsonTokenType.True) head.Flags |= StepFlags.Done;
                break;
            case StepField.FileDiff or StepField.Extra:
                if (reader.TokenType != JsonTokenType.StartObject) throw Wrong(field, "an object", ref reader);
                break;
            case StepField.SecurityFlags:
                if (reader.TokenType != JsonTokenType.StartArray) throw Wrong(field, "an array of strings", ref reader);
                break;
            case StepField.ActionContent or StepField.Thought or StepField.Response:
                if (reader.TokenType != JsonTokenType.String && !BlobReferences.Begins(reader))
                    throw Wrong(field, "a string, or an object that begins with \"$blob\" and 64 lower-case hexadecimal digits", ref reader);
                break;
            default:
                if (reader.TokenType != JsonTokenType.String) throw Wrong(field, "a string", ref reader);
                if (field == StepField.Error && !reader.ValueSpan.IsEmpty) head.Flags |= StepFlags.Error;
                break;
        }
    }

    private static long Integer(StepField field, ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value) && value != StepEntry.NoStepNumber) return value;
        throw Wrong(field, "an integer of 64 bits", ref reader);
    }

    private static double Number(StepField field, ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            if (reader.TryGetDouble(out var value) && double.IsFinite(value)) return value;
            throw new JsonFault(reader.TokenStartIndex, $"{Name(field)} is a number that a double can't hold. Say \"Infinity\" or \"-Infinity\".");
        }

        if (JsonNumbers.TryNamed(ref reader, out var named)) return named;
        throw Wrong(field, "a number, or \"NaN\", \"Infinity\", \"-Infinity\"", ref reader);
    }

    private static string Name(StepField field) => StepFieldNames.All[(int)field];

    private static JsonFault Wrong(StepField field, string expected, ref Utf8JsonReader reader) =>
        new(reader.TokenStartIndex, $"{Name(field)} must be {expected}.");
}

using System.Text;
using System.Text.Json;

namespace Rollbook.Steps;

/// <summary>
/// Finds the parts of a step by the library's reader, and knows what is wrong with a step that breaks a rule. <see cref="StepScanner"/> finds the same parts
/// sooner, in the steps in which nothing is unusual.
/// </summary>
internal sealed class StepParser
{
    // Below this many unknown fields, comparing each with each is faster than a set and needs no strings.
    private const int FewUnknown = 16;

    private HashSet<string>? unknownNames;

    /// <summary>Reads the step at whose opening brace the reader stands.</summary>
    /// <param name="reader">Stands on the step's StartObject; afterwards on its EndObject.</param>
    /// <param name="json">The text that the reader reads, valid UTF-8.</param>
    /// <param name="parts">Takes the parts.</param>
    /// <exception cref="JsonFault">The step breaks a rule of the contract.</exception>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public void Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, StepParts parts)
    {
        var start = reader.TokenStartIndex;
        parts.Reset();
        unknownNames?.Clear();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName) ReadMember(ref reader, json, parts);
        if (parts.Values[(int)StepField.ActionType].Length == 0)
            throw new JsonFault(start, "A step needs action_type, a string.", "action_type");
    }

    private void ReadMember(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, StepParts parts)
    {
        JsonText.CheckString(ref reader);
        var index = StepFieldNames.Find(ref reader);
        var nameStart = (int)reader.TokenStartIndex;
        var name = new StepParts.Slice(nameStart, reader.ValueSpan.Length + 2, reader.ValueIsEscaped);
        if (index < 0)
        {
            CheckName(ref reader, json, name, parts.Unknown);
            reader.Read();
            parts.Add(new StepParts.Member(name, Read(ref reader)));
            return;
        }

        ref var value = ref parts.Values[index];
        if (value.Start > 0) throw new JsonFault(nameStart, $"{StepFieldNames.All[index]} is given twice.");
        reader.Read();
        var field = (StepField)index;
        if (reader.TokenType == JsonTokenType.Null && field != StepField.Observation)
        {
            value = new StepParts.Slice((int)reader.TokenStartIndex, 0, false);
            return;
        }

        StepFieldTypes.Check(field, ref reader, ref parts.Head);
        value = field == StepField.SecurityFlags ? ReadFlags(ref reader, ref parts.Head) : Read(ref reader);
    }

    private static StepParts.Slice Read(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        var spaced = JsonText.Skip(ref reader);
        return new StepParts.Slice(start, (int)reader.BytesConsumed - start, spaced);
    }

    private static StepParts.Slice ReadFlags(ref Utf8JsonReader reader, ref StepParts.Numbers head)
    {
        var start = (int)reader.TokenStartIndex;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.String)
                throw new JsonFault(reader.TokenStartIndex, "security_flags is an array of strings.");
            JsonText.CheckString(ref reader);
            head.Flags |= StepFlags.Flagged;
        }

        // Flags are few and short: whether there is white space is not worth a look.
        return new StepParts.Slice(start, (int)reader.BytesConsumed - start, true);
    }

    private void CheckName(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, StepParts.Slice name, ReadOnlySpan<StepParts.Member> unknown)
    {
        var twice = false;
        if (unknown.Length < FewUnknown && !name.Marked && unknownNames is not { Count: > 0 })
        {
            foreach (var member in unknown)
                twice |= json.Slice(name.Start, name.Length).SequenceEqual(json.Slice(member.Name.Start, member.Name.Length));
        }
        else
        {
            unknownNames ??= [];
            if (unknownNames.Count == 0)
            {
                foreach (var member in unknown) unknownNames.Add(Encoding.UTF8.GetString(json.Slice(member.Name.Start + 1, member.Name.Length - 2)));
            }

            twice = !unknownNames.Add(reader.GetString()!);
        }

        if (twice) throw new JsonFault(name.Start, "A field is given twice.");
    }
}

using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Rollbook.Steps;

/// <summary>
/// Turns one step as it was received into an entry: one pass of the reader finds where each field's value stands, then the
/// values are copied in the order of <see cref="StepField"/>. Texts of values are never decoded and written again.
/// Keeps its scratch space between steps; one per request.
/// </summary>
internal sealed class StepEncoder
{
    // Below this many unknown fields, comparing each with each is faster than a set and needs no strings.
    private const int FewUnknown = 16;

    private readonly Slice[] values = new Slice[StepFieldNames.Count];
    private Member[] unknown = new Member[4];
    private int unknownCount;
    private HashSet<string>? unknownNames;
    private Head head;

    /// <summary>Reads the step at whose opening brace the reader stands, and writes its entry.</summary>
    /// <param name="reader">Stands on the step's StartObject; afterwards on its EndObject.</param>
    /// <param name="json">The text that the reader reads, valid UTF-8.</param>
    /// <param name="receivedAt">Unix microseconds.</param>
    /// <param name="output">Takes the entry.</param>
    /// <exception cref="JsonFault">The step breaks a rule of the contract.</exception>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public void Encode(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, long receivedAt, StepBuffer output)
    {
        var start = reader.TokenStartIndex;
        Reset();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName) ReadMember(ref reader, json);
        if (values[(int)StepField.ActionType].Length == 0)
            throw new JsonFault(start, "A step needs action_type, a string.", "action_type");

        var size = StepEntry.HeaderSize + StepFieldNames.PrefixBytes + 8;
        foreach (var value in values) size += value.Length;
        for (var i = 0; i < unknownCount; i++) size += unknown[i].Name.Length + unknown[i].Value.Length + 2;
        var target = output.GetSpan(size);
        var line = target[StepEntry.HeaderSize..];
        var length = WriteLine(json, line);
        if (BlobReferences.Any(line[..length])) head.Flags |= StepFlags.Blobs;
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(line[..length], digest);
        StepEntry.WriteHead(
            target, length, head.Flags, BinaryPrimitives.ReadUInt128BigEndian(digest), receivedAt, head.StepNumber, head.Reward, head.CumulativeReward, head.PassRate);
        output.Advance(StepEntry.HeaderSize + length);
    }

    private void Reset()
    {
        Array.Clear(values);
        unknownCount = 0;
        unknownNames?.Clear();
        head = new Head { StepNumber = StepEntry.NoStepNumber, PassRate = double.NaN };
    }

    private void ReadMember(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        JsonText.CheckString(ref reader);
        var index = StepFieldNames.Find(ref reader);
        var nameStart = (int)reader.TokenStartIndex;
        var name = new Slice(nameStart, reader.ValueSpan.Length + 2, reader.ValueIsEscaped);
        if (index < 0)
        {
            AddName(ref reader, json, name);
            reader.Read();
            unknown[unknownCount++] = new Member(name, Read(ref reader));
            return;
        }

        ref var value = ref values[index];
        if (value.Start > 0) throw new JsonFault(nameStart, $"{StepFieldNames.All[index]} is given twice.");
        reader.Read();
        var field = (StepField)index;
        if (reader.TokenType == JsonTokenType.Null && field != StepField.Observation)
        {
            // Start tells that the field was given, length 0 that there is nothing to write.
            value = new Slice((int)reader.TokenStartIndex, 0, false);
            return;
        }

        StepFieldTypes.Check(field, ref reader, ref head);
        value = field == StepField.SecurityFlags ? ReadFlags(ref reader) : Read(ref reader);
    }

    private static Slice Read(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        var spaced = JsonText.Skip(ref reader);
        return new Slice(start, (int)reader.BytesConsumed - start, spaced);
    }

    private Slice ReadFlags(ref Utf8JsonReader reader)
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
        return new Slice(start, (int)reader.BytesConsumed - start, true);
    }

    private void AddName(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, Slice name)
    {
        if (unknownCount == unknown.Length) Array.Resize(ref unknown, unknown.Length * 2);
        var twice = false;
        if (unknownCount < FewUnknown && !name.Marked && unknownNames is not { Count: > 0 })
        {
            for (var i = 0; i < unknownCount; i++)
                twice |= json.Slice(name.Start, name.Length).SequenceEqual(json.Slice(unknown[i].Name.Start, unknown[i].Name.Length));
        }
        else
        {
            unknownNames ??= [];
            if (unknownNames.Count == 0)
            {
                for (var i = 0; i < unknownCount; i++) unknownNames.Add(Encoding.UTF8.GetString(json.Slice(unknown[i].Name.Start + 1, unknown[i].Name.Length - 2)));
            }

            twice = !unknownNames.Add(reader.GetString()!);
        }

        if (twice) throw new JsonFault(name.Start, "A field is given twice.");
    }

    private int WriteLine(ReadOnlySpan<byte> json, Span<byte> line)
    {
        var at = 0;
        for (var i = 0; i < (int)StepField.Extra; i++)
        {
            if (values[i].Length == 0) continue;
            at += Put(StepFieldNames.Prefixes[i], line[at..]);
            at += Put(json, values[i], line[at..]);
        }

        at += WriteExtra(json, line[at..]);
        line[0] = (byte)'{';
        line[at++] = (byte)'}';
        return at;
    }

    private int WriteExtra(ReadOnlySpan<byte> json, Span<byte> line)
    {
        var extra = values[(int)StepField.Extra];
        if (extra.Length == 0 && unknownCount == 0) return 0;
        var at = Put(StepFieldNames.Prefixes[(int)StepField.Extra], line);
        at += extra.Length == 0 ? Put("{}"u8, line[at..]) : Put(json, extra, line[at..]);
        for (var i = 0; i < unknownCount; i++)
        {
            // Over the closing brace, which is put back behind the last.
            if (line[at - 2] != '{' || i > 0) line[at - 1] = (byte)',';
            else at--;
            at += Put(json.Slice(unknown[i].Name.Start, unknown[i].Name.Length), line[at..]);
            line[at++] = (byte)':';
            at += Put(json, unknown[i].Value, line[at..]);
            line[at++] = (byte)'}';
        }

        return at;
    }

    private static int Put(ReadOnlySpan<byte> bytes, Span<byte> line)
    {
        bytes.CopyTo(line);
        return bytes.Length;
    }

    private static int Put(ReadOnlySpan<byte> json, Slice value, Span<byte> line) => value.Marked
        ? JsonText.Compact(json.Slice(value.Start, value.Length), line)
        : Put(json.Slice(value.Start, value.Length), line);

    /// <summary>Marked: a value with white space inside, a name with escapes.</summary>
    private readonly record struct Slice(int Start, int Length, bool Marked);

    private readonly record struct Member(Slice Name, Slice Value);

    /// <summary>What the entry's head takes from the fields.</summary>
    internal struct Head
    {
        public StepFlags Flags;
        public long StepNumber;
        public double Reward;
        public double CumulativeReward;
        public double PassRate;
    }
}

using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;

namespace Rollbook.Steps;

/// <summary>
/// Turns one step as it was received into an entry: the parts are found in one pass, then the values are copied in the order of <see cref="StepField"/>. Texts
/// of values are never decoded and written again. Keeps its scratch space between steps; one per request.
/// </summary>
internal sealed class StepEncoder
{
    private readonly StepParts parts = new();
    private readonly StepParser parser = new();

    /// <summary>Reads the step at whose opening brace the reader stands, and writes its entry.</summary>
    /// <param name="reader">Stands on the step's StartObject; afterwards on its EndObject.</param>
    /// <param name="json">The text that the reader reads, valid UTF-8.</param>
    /// <param name="receivedAt">Unix microseconds.</param>
    /// <param name="output">Takes the entry.</param>
    /// <exception cref="JsonFault">The step breaks a rule of the contract.</exception>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public void Encode(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, long receivedAt, StepBuffer output)
    {
        parser.Read(ref reader, json, parts);
        WriteParts(json, receivedAt, output);
    }

    /// <summary>Reads the step that begins next and writes its entry, if nothing in it is unusual.</summary>
    /// <param name="scanner">Afterwards behind the step.</param>
    /// <param name="json">The scanner's text, valid UTF-8.</param>
    /// <param name="receivedAt">Unix microseconds.</param>
    /// <param name="output">Takes the entry.</param>
    /// <returns>False where nothing was written: the step is for <see cref="Encode"/> to read.</returns>
    public bool TryEncode(ref JsonScanner scanner, ReadOnlySpan<byte> json, long receivedAt, StepBuffer output)
    {
        if (!StepScanner.TryRead(ref scanner, json, parts, out var canonical)) return false;
        if (canonical.IsEmpty)
        {
            WriteParts(json, receivedAt, output);
            return true;
        }

        var target = output.GetSpan(StepEntry.HeaderSize + canonical.Length);
        canonical.CopyTo(target[StepEntry.HeaderSize..]);
        Finish(target, canonical.Length, receivedAt, output);
        return true;
    }

    private void WriteParts(ReadOnlySpan<byte> json, long receivedAt, StepBuffer output)
    {
        var size = StepEntry.HeaderSize + StepFieldNames.PrefixBytes + 8;
        foreach (var value in parts.Values) size += value.Length;
        foreach (var (name, value) in parts.Unknown) size += name.Length + value.Length + 2;
        var target = output.GetSpan(size);
        Finish(target, WriteLine(json, target[StepEntry.HeaderSize..]), receivedAt, output);
    }

    // The line stands behind the head already.
    private void Finish(Span<byte> target, int length, long receivedAt, StepBuffer output)
    {
        var line = target.Slice(StepEntry.HeaderSize, length);
        ref var head = ref parts.Head;
        if (BlobReferences.Any(line)) head.Flags |= StepFlags.Blobs;
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(line, digest);
        StepEntry.WriteHead(
            target, length, head.Flags, BinaryPrimitives.ReadUInt128BigEndian(digest), receivedAt, head.StepNumber, head.Reward, head.CumulativeReward, head.PassRate);
        output.Advance(StepEntry.HeaderSize + length);
    }

    private int WriteLine(ReadOnlySpan<byte> json, Span<byte> line)
    {
        var at = 0;
        var values = parts.Values;
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
        var extra = parts.Values[(int)StepField.Extra];
        var unknown = parts.Unknown;
        if (extra.Length == 0 && unknown.IsEmpty) return 0;
        var at = Put(StepFieldNames.Prefixes[(int)StepField.Extra], line);
        at += extra.Length == 0 ? Put("{}"u8, line[at..]) : Put(json, extra, line[at..]);
        for (var i = 0; i < unknown.Length; i++)
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

    private static int Put(ReadOnlySpan<byte> json, StepParts.Slice value, Span<byte> line) => value.Marked
        ? JsonText.Compact(json.Slice(value.Start, value.Length), line)
        : Put(json.Slice(value.Start, value.Length), line);
}

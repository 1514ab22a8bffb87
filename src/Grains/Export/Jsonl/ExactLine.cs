using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using Rollbook.Archive;

namespace Rollbook.Export;

/// <summary>Writes what <see cref="StepLineWriter.WriteExact"/> writes, by copying stretches of the canonical line: an export of millions of steps is made of these.</summary>
internal static class ExactLine
{
    // Ordinal, time, hash, the names of all fields with a default, the defaults, and a line feed.
    private const int MostAdded = 512;

    /// <summary>Writes a line with its line feed.</summary>
    /// <returns>False, and nothing written, where the step's line is none of this release's.</returns>
    public static bool TryWrite(IBufferWriter<byte> output, StepEntry entry, long ordinal)
    {
        var line = entry.Line;
        Span<int> ends = stackalloc int[StepFieldNames.Count];
        ends.Clear();
        try
        {
            for (var fields = new LineScanner(line); fields.Next();) ends[(int)fields.Field] = fields.Start + fields.Length;
        }
        catch (InvalidDataException)
        {
            return false;
        }

        var target = output.GetSpan(line.Length + StepFieldNames.PrefixBytes + MostAdded);
        var at = Head(target, entry, ordinal);
        at += Defaulted(target[at..], ends);
        // Where the next field of the line begins: on the brace, or on the comma before it.
        var next = 0;
        for (var i = 0; i < ends.Length; i++)
        {
            if (ends[i] > 0)
            {
                target[at++] = (byte)',';
                var field = line[(next + 1)..ends[i]];
                field.CopyTo(target[at..]);
                at += field.Length;
                next = ends[i];
            }
            else if (StepLineWriter.HasDefault((StepField)i))
            {
                at += Put(StepFieldNames.Prefixes[i], target[at..]);
                at += Default((StepField)i, target[at..], entry, ordinal);
            }
        }

        at += Put("}\n"u8, target[at..]);
        output.Advance(at);
        return true;
    }

    private static int Head(Span<byte> target, StepEntry entry, long ordinal)
    {
        var at = Put("{\"ordinal\":"u8, target);
        at += Put(ordinal, target[at..]);
        at += Put(",\"received_at\":"u8, target[at..]);
        at += Put(UnixTime.Seconds(entry.ReceivedAt), target[at..]);
        at += Put(",\"hash\":\""u8, target[at..]);
        entry.Hash.TryFormat(target[at..], out var digits, "x32", CultureInfo.InvariantCulture);
        at += digits;
        return at + Put("\""u8, target[at..]);
    }

    private static int Defaulted(Span<byte> target, ReadOnlySpan<int> ends)
    {
        var at = 0;
        for (var i = 0; i < ends.Length; i++)
        {
            if (ends[i] > 0 || !StepLineWriter.HasDefault((StepField)i)) continue;
            at += Put(at == 0 ? ",\"defaulted\":["u8 : ","u8, target[at..]);
            // Comma, the quoted name, colon.
            at += Put(StepFieldNames.Prefixes[i].AsSpan(1, StepFieldNames.Prefixes[i].Length - 2), target[at..]);
        }

        return at == 0 ? 0 : at + Put("]"u8, target[at..]);
    }

    private static int Default(StepField field, Span<byte> target, StepEntry entry, long ordinal) => field switch
    {
        StepField.StepNumber => Put(ordinal + 1, target),
        StepField.Timestamp => Put(UnixTime.Seconds(entry.ReceivedAt), target),
        StepField.Done => Put("false"u8, target),
        StepField.SecurityFlags => Put("[]"u8, target),
        _ => Put("0.0"u8, target),
    };

    private static int Put(long number, Span<byte> target)
    {
        Utf8Formatter.TryFormat(number, target, out var written);
        return written;
    }

    private static int Put(double number, Span<byte> target)
    {
        Utf8Formatter.TryFormat(number, target, out var written);
        return written;
    }

    private static int Put(ReadOnlySpan<byte> bytes, Span<byte> target)
    {
        bytes.CopyTo(target);
        return bytes.Length;
    }
}

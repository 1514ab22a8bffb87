using System.Buffers;
using System.Buffers.Text;

namespace Rollbook.Archive;

/// <summary>
/// One step as the cells of a row, and the way from a canonical line there and back, which is exact byte for byte. Used again and again: the cells point into the line
/// that was read and into scratch space.
/// <para>
/// What the typed cells can't print back goes into the column <c>exact</c>: a letter each for how the step writes numbers (<c>f</c>: whole ones as <c>1.0</c>) and
/// strings (<c>a</c>: all but ASCII escaped), and then, as a canonical line of their own, the fields whose text is another still: <c>f{"reward":1.50}</c>. A line that is
/// no canonical one stands there whole behind <c>=</c>, and the other cells are empty.
/// </para>
/// </summary>
internal sealed class StepCells
{
    private const byte PointedMark = (byte)'f';
    private const byte AsciiMark = (byte)'a';
    private const byte WholeLineMark = (byte)'=';

    private readonly Cell[] cells = new Cell[StepFieldNames.Count];
    private readonly List<Piece> flags = [];
    private readonly (int Start, int Length)[] others = new (int, int)[StepFieldNames.Count];
    private byte[] scratch = new byte[4096];
    private int used;
    private Piece exact;
    private bool? pointed;
    private bool? ascii;

    /// <summary>Whether the step has the field.</summary>
    public bool Has(StepField field) => cells[(int)field].Present;

    /// <summary>An integer, a truth as 0 or 1.</summary>
    public long Integer(StepField field) => cells[(int)field].Bits;

    /// <summary>A number.</summary>
    public double Number(StepField field) => BitConverter.Int64BitsToDouble(cells[(int)field].Bits);

    /// <summary>A text, or JSON.</summary>
    /// <param name="field">The field.</param>
    /// <param name="line">The line that was split.</param>
    public ReadOnlySpan<byte> Text(StepField field, ReadOnlySpan<byte> line) => Of(cells[(int)field].Text, line);

    /// <summary>How many security flags there are.</summary>
    public int Flags => flags.Count;

    /// <summary>A security flag.</summary>
    public ReadOnlySpan<byte> Flag(int index, ReadOnlySpan<byte> line) => Of(flags[index], line);

    /// <summary>What the other cells can't print back; empty where they can.</summary>
    public ReadOnlySpan<byte> Exact => Of(exact, default);

    /// <summary>Whether the other cells print back all of the line, by the step's ways of writing: then whatever proves the line proves each cell.</summary>
    public bool AreWhole => Exact.IndexOfAny((byte)'{', WholeLineMark) < 0;

    /// <summary>Empties all cells.</summary>
    public void Clear()
    {
        Array.Clear(cells);
        flags.Clear();
        used = 0;
        exact = default;
        pointed = ascii = null;
    }

    /// <summary>Fills the cells from a canonical line.</summary>
    public void Split(ReadOnlySpan<byte> line)
    {
        Clear();
        Array.Clear(others);
        var differs = false;
        try
        {
            var fields = new LineScanner(line);
            while (fields.Next())
            {
                if (!Read(fields.Field, fields.Value, fields.Start))
                {
                    others[(int)fields.Field] = (fields.Start, fields.Length);
                    differs = true;
                }
            }
        }
        catch (InvalidDataException)
        {
            Keep(line);
            return;
        }

        if (!Has(StepField.ActionType)) Keep(line);
        else if (differs || pointed == true || ascii == true) WriteExact(line, differs);
    }

    /// <summary>Sets a cell: an integer, or a truth as 0 or 1.</summary>
    public void SetInteger(StepField field, long value) => cells[(int)field] = new Cell(true, value, default);

    /// <summary>Sets a cell.</summary>
    public void SetNumber(StepField field, double value) => cells[(int)field] = new Cell(true, BitConverter.DoubleToInt64Bits(value), default);

    /// <summary>Sets a cell of text or JSON.</summary>
    public void SetText(StepField field, ReadOnlySpan<byte> text) => cells[(int)field] = new Cell(true, 0, Add(text));

    /// <summary>Sets the security flags, none of them yet.</summary>
    public void SetFlags() => cells[(int)StepField.SecurityFlags] = new Cell(true, 0, default);

    /// <summary>Adds a security flag.</summary>
    public void AddFlag(ReadOnlySpan<byte> text) => flags.Add(Add(text));

    /// <summary>Sets the cell of what the others can't print back.</summary>
    public void SetExact(ReadOnlySpan<byte> text) => exact = Add(text);

    /// <summary>Writes the line that these cells were made of.</summary>
    /// <exception cref="InvalidDataException">They were made of none.</exception>
    public void Join(IBufferWriter<byte> output)
    {
        var given = Exact;
        if (given is [WholeLineMark, ..])
        {
            output.Write(given[1..]);
            return;
        }

        var isPointed = given is [PointedMark, ..];
        if (isPointed) given = given[1..];
        var isAscii = given is [AsciiMark, ..];
        if (isAscii) given = given[1..];
        var own = new LineScanner(given);
        var hasOwn = !given.IsEmpty && own.Next();
        var first = true;
        for (var i = 0; i < cells.Length; i++)
        {
            var field = (StepField)i;
            if (!cells[i].Present) continue;
            output.Write(first ? "{"u8 : ","u8);
            output.Write(StepFieldNames.Prefixes[i].AsSpan(1));
            first = false;
            if (hasOwn && own.Field == field)
            {
                output.Write(own.Value);
                hasOwn = own.Next();
                continue;
            }

            Print(field, isPointed, isAscii, output);
        }

        if (hasOwn) throw new InvalidDataException($"{StepFieldKinds.Column(own.Field)} stands in exact and not in its column.");
        output.Write(first ? "{}"u8 : "}"u8);
    }

    // False where the cell can't print the text again.
    private bool Read(StepField field, ReadOnlySpan<byte> value, int start)
    {
        switch (StepFieldKinds.All[(int)field])
        {
            case StepFieldKind.Json:
                cells[(int)field] = new Cell(true, 0, new Piece(start, value.Length, false));
                return true;
            case StepFieldKind.Text:
                var same = ReadText(value, start, out var text);
                cells[(int)field] = new Cell(true, 0, text);
                return same;
            case StepFieldKind.Number:
                SetNumber(field, NumberText.Read(value, out var form));
                return form switch
                {
                    NumberForm.Shortest => true,
                    NumberForm.Whole => !(pointed ??= false),
                    NumberForm.Pointed => pointed ??= true,
                    _ => false,
                };
            case StepFieldKind.Integer:
                SetInteger(field, NumberText.ReadInteger(value, out var isPlain));
                return isPlain;
            case StepFieldKind.Truth:
                SetInteger(field, value.SequenceEqual("true"u8) ? 1 : value.SequenceEqual("false"u8) ? 0 : throw new InvalidDataException("The bytes are not a truth."));
                return true;
            default:
                return ReadFlags(value, start);
        }
    }

    private bool ReadText(ReadOnlySpan<byte> value, int start, out Piece text)
    {
        if (value is [(byte)'{', ..])
        {
            // A reference to a large value: its JSON is the column's text, and what is exact says that it is no string.
            text = new Piece(start, value.Length, false);
            return false;
        }

        if (value is not [(byte)'"', .., (byte)'"']) throw new InvalidDataException("The bytes are not a string.");
        var raw = value[1..^1];
        if (!raw.Contains((byte)'\\'))
        {
            text = new Piece(start + 1, raw.Length, false);
            return ascii == false || JsonStringText.IsPlainAscii(raw) || !(ascii ??= false);
        }

        Reserve(raw.Length);
        var length = JsonStringText.Decode(raw, scratch.AsSpan(used));
        text = new Piece(used, length, true);
        used += length;
        var decoded = text;
        if (JsonStringText.IsPlainAsciiText(Of(decoded, default))) return PrintsAs(decoded, false, raw);
        // The first text that tells the ways apart says which one the step's writer has.
        if (ascii is { } known) return PrintsAs(decoded, known, raw);
        if (PrintsAs(decoded, false, raw)) return !(ascii = false).Value;
        return PrintsAs(decoded, true, raw) && (ascii = true).Value;
    }

    private bool ReadFlags(ReadOnlySpan<byte> value, int start)
    {
        SetFlags();
        var same = true;
        if (value is not [(byte)'[', .., (byte)']']) throw new InvalidDataException("The bytes are not an array.");
        for (var at = 1; at < value.Length - 1;)
        {
            if (value[at] != '"') throw new InvalidDataException("The bytes are not an array of strings.");
            var end = LineScanner.StringEnd(value, at + 1);
            same &= ReadText(value[at..end], start + at, out var flag);
            flags.Add(flag);
            if (value[end] != ',' && end != value.Length - 1) throw new InvalidDataException("The bytes are not an array of strings.");
            at = end + 1;
        }

        return same;
    }

    private bool PrintsAs(Piece text, bool asAscii, ReadOnlySpan<byte> raw) => JsonStringText.IsPrintedAs(Of(text, default), raw, asAscii);

    private void WriteExact(ReadOnlySpan<byte> line, bool differs)
    {
        var size = line.Length + StepFieldNames.PrefixBytes + 4;
        Reserve(size);
        var target = scratch.AsSpan(used, size);
        var at = 0;
        if (pointed == true) target[at++] = PointedMark;
        if (ascii == true) target[at++] = AsciiMark;
        var open = at;
        for (var i = 0; differs && i < others.Length; i++)
        {
            var (start, length) = others[i];
            if (length == 0) continue;
            StepFieldNames.Prefixes[i].CopyTo(target[at..]);
            at += StepFieldNames.Prefixes[i].Length;
            line.Slice(start, length).CopyTo(target[at..]);
            at += length;
        }

        if (differs)
        {
            target[open] = (byte)'{';
            target[at++] = (byte)'}';
        }

        exact = new Piece(used, at, true);
        used += at;
    }

    private void Keep(ReadOnlySpan<byte> line)
    {
        Clear();
        Reserve(line.Length + 1);
        scratch[0] = WholeLineMark;
        line.CopyTo(scratch.AsSpan(1));
        used = line.Length + 1;
        exact = new Piece(0, used, true);
    }

    private void Print(StepField field, bool isPointed, bool isAscii, IBufferWriter<byte> output)
    {
        var cell = cells[(int)field];
        switch (StepFieldKinds.All[(int)field])
        {
            case StepFieldKind.Json:
                output.Write(Of(cell.Text, default));
                break;
            case StepFieldKind.Text:
                PrintText(Of(cell.Text, default), isAscii, output);
                break;
            case StepFieldKind.Number:
                output.Advance(NumberText.Print(BitConverter.Int64BitsToDouble(cell.Bits), isPointed, output.GetSpan(NumberText.MaxBytes)));
                break;
            case StepFieldKind.Integer:
                Utf8Formatter.TryFormat(cell.Bits, output.GetSpan(NumberText.MaxBytes), out var written);
                output.Advance(written);
                break;
            case StepFieldKind.Truth:
                output.Write(cell.Bits != 0 ? "true"u8 : "false"u8);
                break;
            default:
                output.Write("["u8);
                for (var i = 0; i < flags.Count; i++)
                {
                    if (i > 0) output.Write(","u8);
                    PrintText(Of(flags[i], default), isAscii, output);
                }

                output.Write("]"u8);
                break;
        }
    }

    private static void PrintText(ReadOnlySpan<byte> text, bool isAscii, IBufferWriter<byte> output)
    {
        output.Write("\""u8);
        while (!text.IsEmpty)
        {
            var piece = JsonStringText.Piece(text);
            output.Advance(JsonStringText.Print(text[..piece], output.GetSpan(JsonStringText.MaxPrinted), isAscii));
            text = text[piece..];
        }

        output.Write("\""u8);
    }

    private Piece Add(ReadOnlySpan<byte> text)
    {
        Reserve(text.Length);
        text.CopyTo(scratch.AsSpan(used));
        var piece = new Piece(used, text.Length, true);
        used += text.Length;
        return piece;
    }

    private void Reserve(int bytes)
    {
        if (scratch.Length - used < bytes) Array.Resize(ref scratch, Math.Max(used + bytes, scratch.Length * 2));
    }

    private ReadOnlySpan<byte> Of(Piece piece, ReadOnlySpan<byte> line) =>
        piece.InScratch ? scratch.AsSpan(piece.Start, piece.Length) : line.Slice(piece.Start, piece.Length);

    /// <summary>A stretch of the line, or of the scratch space.</summary>
    private readonly record struct Piece(int Start, int Length, bool InScratch);

    private readonly record struct Cell(bool Present, long Bits, Piece Text);
}

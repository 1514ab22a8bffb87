using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Rollbook.Archive;

/// <summary>JSON strings as columns hold them: decoded, and printed again in one of two ways.</summary>
internal static class JsonStringText
{
    private static readonly SearchValues<byte> Special = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(c => (byte)c), (byte)'"', (byte)'\\']);
    private static readonly SearchValues<byte> SpecialInAscii = SearchValues.Create(
        [.. Enumerable.Range(0, 256).Where(c => c is < 0x20 or >= 0x7F or '"' or '\\').Select(c => (byte)c)]);

    /// <summary>Texts are printed in pieces, so that a long one needs no room for the case that all of it is escaped.</summary>
    public const int MaxPiece = 512;

    /// <summary>Room for a printed piece: one byte may become an escape of six.</summary>
    public const int MaxPrinted = 6 * MaxPiece;

    /// <summary>Decodes what stands between the quotes.</summary>
    /// <param name="raw">Checked when it came in.</param>
    /// <param name="text">At least as long.</param>
    /// <returns>How many bytes the text has.</returns>
    public static int Decode(ReadOnlySpan<byte> raw, Span<byte> text)
    {
        var written = 0;
        while (true)
        {
            var run = raw.IndexOf((byte)'\\');
            if (run < 0) run = raw.Length;
            raw[..run].CopyTo(text[written..]);
            written += run;
            if (run == raw.Length) return written;
            raw = raw[(run + 1)..];
            if (raw.IsEmpty) throw Broken();
            if (raw[0] == 'u')
            {
                written += Rune(ref raw).EncodeToUtf8(text[written..]);
                continue;
            }

            text[written++] = raw[0] switch
            {
                (byte)'n' => (byte)'\n',
                (byte)'t' => (byte)'\t',
                (byte)'r' => (byte)'\r',
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                (byte)'"' or (byte)'\\' or (byte)'/' => raw[0],
                _ => throw Broken(),
            };
            raw = raw[1..];
        }
    }

    /// <summary>The length of a text's next piece, which ends between two characters.</summary>
    public static int Piece(ReadOnlySpan<byte> text)
    {
        if (text.Length <= MaxPiece) return text.Length;
        var length = MaxPiece;
        while (length > MaxPiece - 4 && (text[length] & 0xC0) == 0x80) length--;
        return length;
    }

    /// <summary>Whether a text is printed as this.</summary>
    public static bool IsPrintedAs(ReadOnlySpan<byte> text, ReadOnlySpan<byte> raw, bool ascii)
    {
        Span<byte> printed = stackalloc byte[MaxPrinted];
        while (!text.IsEmpty)
        {
            var piece = Piece(text);
            var length = Print(text[..piece], printed, ascii);
            if (!raw.StartsWith(printed[..length])) return false;
            raw = raw[length..];
            text = text[piece..];
        }

        return raw.IsEmpty;
    }

    /// <summary>Prints a text without its quotes: what must be escaped is, shortly where there is a short way, else by <c>\u00xx</c>.</summary>
    /// <param name="text">A <see cref="Piece"/> of UTF-8.</param>
    /// <param name="raw">At least <see cref="MaxPrinted"/> long.</param>
    /// <param name="ascii">Escapes all but printable ASCII, too.</param>
    /// <returns>How many bytes were printed.</returns>
    public static int Print(ReadOnlySpan<byte> text, Span<byte> raw, bool ascii)
    {
        var written = 0;
        Span<char> units = stackalloc char[2];
        while (true)
        {
            var run = text.IndexOfAny(ascii ? SpecialInAscii : Special);
            if (run < 0) run = text.Length;
            text[..run].CopyTo(raw[written..]);
            written += run;
            if (run == text.Length) return written;
            text = text[run..];
            if (text[0] < 0x7F)
            {
                written += Escape(text[0], raw[written..]);
                text = text[1..];
                continue;
            }

            System.Text.Rune.DecodeFromUtf8(text, out var rune, out var length);
            foreach (var unit in units[..rune.EncodeToUtf16(units)]) written += Unit(unit, raw[written..]);
            text = text[length..];
        }
    }

    /// <summary>Whether a text without escapes looks the same when all but printable ASCII is escaped.</summary>
    public static bool IsPlainAscii(ReadOnlySpan<byte> text) => !text.ContainsAny(SpecialInAscii);

    /// <summary>Whether a decoded text is printed the same either way.</summary>
    public static bool IsPlainAsciiText(ReadOnlySpan<byte> text) => !text.ContainsAnyInRange((byte)0x7F, (byte)0xFF);

    private static Rune Rune(ref ReadOnlySpan<byte> raw)
    {
        var first = (char)Hex(ref raw);
        if (!char.IsSurrogate(first)) return new Rune(first);
        if (raw is not [(byte)'\\', (byte)'u', ..]) throw Broken();
        raw = raw[1..];
        return System.Text.Rune.TryCreate(first, (char)Hex(ref raw), out var rune) ? rune : throw Broken();
    }

    // Stands on the u.
    private static int Hex(ref ReadOnlySpan<byte> raw)
    {
        if (raw.Length < 5 || !Utf8Parser.TryParse(raw.Slice(1, 4), out int code, out var used, 'x') || used != 4) throw Broken();
        raw = raw[5..];
        return code;
    }

    private static int Escape(byte letter, Span<byte> raw)
    {
        var brief = letter switch
        {
            (byte)'\n' => (byte)'n',
            (byte)'\t' => (byte)'t',
            (byte)'\r' => (byte)'r',
            (byte)'\b' => (byte)'b',
            (byte)'\f' => (byte)'f',
            (byte)'"' or (byte)'\\' => letter,
            _ => (byte)0,
        };
        if (brief == 0) return Unit((char)letter, raw);
        raw[0] = (byte)'\\';
        raw[1] = brief;
        return 2;
    }

    private static int Unit(char unit, Span<byte> raw)
    {
        raw[0] = (byte)'\\';
        raw[1] = (byte)'u';
        Utf8Formatter.TryFormat((uint)unit, raw.Slice(2, 4), out _, new StandardFormat('x', 4));
        return 6;
    }

    private static InvalidDataException Broken() => new("The bytes are not a JSON string.");
}

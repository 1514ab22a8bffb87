using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Rollbook.Steps;

/// <summary>
/// Moves over JSON (RFC 8259) of well-formed UTF-8, token by token, several times as fast as the library's reader: strings are crossed a vector at a time. It
/// never says what is wrong. Where it answers false, the text may be bad or only unusual; the library's reader then reads it again and finds the words.
/// </summary>
/// <param name="text">Valid UTF-8.</param>
internal ref struct JsonScanner(ReadOnlySpan<byte> text)
{
    /// <summary>Nesting that it follows within one value. Deeper is unusual.</summary>
    public const int MaxDepth = 64;

    private readonly ReadOnlySpan<byte> text = text;
    private int at;

    /// <summary>Where the next byte stands.</summary>
    public readonly int At => at;

    /// <summary>Set when white space is met between tokens; for the caller to take back.</summary>
    public bool Spaced { get; set; }

    /// <summary>Passes white space and tells with which byte the next token begins; 0, which begins none, at the end or before a control character.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte Next()
    {
        var first = (uint)at < (uint)text.Length ? text[at] : (byte)0;
        return first > ' ' ? first : NextBehindSpace();
    }

    /// <summary>Takes the next token, of one byte, if it is this one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Take(byte token)
    {
        if (Next() != token) return false;
        at++;
        return true;
    }

    /// <summary>Whether nothing but white space is left.</summary>
    public bool Ends() => Next() == 0 && at == text.Length;

    /// <summary>Moves over a string.</summary>
    /// <param name="escaped">Whether it has escapes.</param>
    /// <returns>False also where half of a surrogate pair is escaped.</returns>
    public bool String(out bool escaped)
    {
        escaped = false;
        if (!Take((byte)'"')) return false;
        while (true)
        {
            at = Special(text, at);
            if (at >= text.Length) return false;
            if (text[at] == '"')
            {
                at++;
                return true;
            }

            escaped = true;
            if (text[at] != '\\' || !Escape()) return false;
        }
    }

    /// <summary>Moves over a number.</summary>
    public bool Number(out ScannedNumber number)
    {
        number = default;
        Next();
        var start = at;
        var isNegative = Here() == '-';
        if (isNegative) at++;
        var hasLeadingZero = Here() == '0';
        var digits = 0UL;
        var count = Digits(ref digits);
        if (count == 0 || (hasLeadingZero && count > 1)) return false;
        var fraction = 0;
        if (Here() == '.')
        {
            at++;
            fraction = Digits(ref digits);
            if (fraction == 0) return false;
        }

        var hasExponent = (Here() | 0x20) == 'e';
        if (hasExponent)
        {
            at++;
            if (Here() is (byte)'+' or (byte)'-') at++;
            var exponent = 0UL;
            if (Digits(ref exponent) == 0) return false;
        }

        number = new ScannedNumber
        {
            Text = text[start..at],
            Digits = digits,
            Count = count + fraction,
            Fraction = fraction,
            IsNegative = isNegative,
            HasExponent = hasExponent,
        };
        return true;
    }

    /// <summary>Moves over a value of any kind.</summary>
    public bool Value()
    {
        // A bit a level, the innermost lowest: 1 = an object.
        var objects = 0UL;
        var depth = 0;
        while (true)
        {
            switch (Next())
            {
                case (byte)'"':
                    if (!String(out _)) return false;
                    break;
                case (byte)'{':
                    at++;
                    if (Take((byte)'}')) break;
                    if (depth++ == MaxDepth || !Name()) return false;
                    objects = (objects << 1) | 1;
                    continue;
                case (byte)'[':
                    at++;
                    if (Take((byte)']')) break;
                    if (depth++ == MaxDepth) return false;
                    objects <<= 1;
                    continue;
                case (byte)'t':
                    if (!Word("true"u8)) return false;
                    break;
                case (byte)'f':
                    if (!Word("false"u8)) return false;
                    break;
                case (byte)'n':
                    if (!Word("null"u8)) return false;
                    break;
                default:
                    if (!Number(out _)) return false;
                    break;
            }

            while (depth > 0 && !Take((byte)','))
            {
                if (!Take((objects & 1) != 0 ? (byte)'}' : (byte)']')) return false;
                objects >>= 1;
                depth--;
            }

            if (depth == 0) return true;
            if ((objects & 1) != 0 && !Name()) return false;
        }
    }

    /// <summary>Moves over <c>true</c>, <c>false</c> or <c>null</c>.</summary>
    public bool Word(ReadOnlySpan<byte> word)
    {
        Next();
        if (!text[at..].StartsWith(word)) return false;
        at += word.Length;
        return true;
    }

    private bool Name() => String(out _) && Take((byte)':');

    private readonly byte Here() => (uint)at < (uint)text.Length ? text[at] : (byte)0;

    private byte NextBehindSpace()
    {
        while ((uint)at < (uint)text.Length)
        {
            var next = text[at];
            if (next > ' ') return next;
            if (next is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')) return 0;
            Spaced = true;
            at++;
        }

        return 0;
    }

    // Adds digits to those before and counts them.
    private int Digits(ref ulong digits)
    {
        var start = at;
        for (; (uint)(Here() - '0') <= 9; at++) digits = (digits * 10) + (uint)(Here() - '0');
        return at - start;
    }

    // At the backslash.
    private bool Escape()
    {
        if (at + 1 >= text.Length) return false;
        switch (text[at + 1])
        {
            case (byte)'n' or (byte)'"' or (byte)'\\' or (byte)'t' or (byte)'r' or (byte)'/' or (byte)'b' or (byte)'f':
                at += 2;
                return true;
            case (byte)'u':
                if (!Hex(text, at + 2, out var code)) return false;
                at += 6;
                if (code is < 0xD800 or > 0xDFFF) return true;
                var isPair = code < 0xDC00 && at + 1 < text.Length && text[at] == '\\' && text[at + 1] == 'u' && Hex(text, at + 2, out var low) && low is >= 0xDC00 and <= 0xDFFF;
                at += 6;
                return isPair;
            default:
                return false;
        }
    }

    private static bool Hex(ReadOnlySpan<byte> text, int at, out int code)
    {
        code = 0;
        if (at + 4 > text.Length) return false;
        foreach (var digit in text.Slice(at, 4))
        {
            if (!char.IsAsciiHexDigit((char)digit)) return false;
            code = (code << 4) | (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }

        return true;
    }

    // Where the next byte stands that is a quote, a backslash or a control character. Loaded without a span for each vector: that check would cost as much as
    // the comparison; the loops keep every load within the text.
    private static int Special(ReadOnlySpan<byte> text, int at)
    {
        ref var start = ref MemoryMarshal.GetReference(text);
        if (Vector256.IsHardwareAccelerated)
        {
            for (; at <= text.Length - Vector256<byte>.Count; at += Vector256<byte>.Count)
            {
                var block = Vector256.LoadUnsafe(ref start, (nuint)at);
                var special = Vector256.Equals(block, Vector256.Create((byte)'"')) | Vector256.Equals(block, Vector256.Create((byte)'\\'))
                    | Vector256.LessThan(block, Vector256.Create((byte)' '));
                if (special != Vector256<byte>.Zero) return at + int.TrailingZeroCount((int)special.ExtractMostSignificantBits());
            }
        }

        for (; at <= text.Length - Vector128<byte>.Count; at += Vector128<byte>.Count)
        {
            var block = Vector128.LoadUnsafe(ref start, (nuint)at);
            var special = Vector128.Equals(block, Vector128.Create((byte)'"')) | Vector128.Equals(block, Vector128.Create((byte)'\\'))
                | Vector128.LessThan(block, Vector128.Create((byte)' '));
            if (special != Vector128<byte>.Zero) return at + int.TrailingZeroCount((int)special.ExtractMostSignificantBits());
        }

        while (at < text.Length && text[at] is not ((byte)'"' or (byte)'\\' or < (byte)' ')) at++;
        return at;
    }
}

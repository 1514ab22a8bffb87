using System.Buffers.Text;
using System.Globalization;

namespace Rollbook.Archive;

/// <summary>Texts of numbers: read, and printed again.</summary>
internal static class NumberText
{
    /// <summary>The most bytes that a printed number takes.</summary>
    public const int MaxBytes = 32;

    private const int ExactDigits = 15;
    private static readonly double[] PowersOfTen = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

    /// <summary>Reads a number that was checked when it came in.</summary>
    public static double Read(ReadOnlySpan<byte> text, out NumberForm form)
    {
        if (TryReadPlain(text, out var plain, out form)) return plain;
        var value = text[0] == '"' ? Named(text) : Parse(text);
        Span<byte> printed = stackalloc byte[MaxBytes];
        var length = Print(value, pointed: false, printed);
        var isWhole = !printed[..length].ContainsAnyExcept("-0123456789"u8);
        if (text.SequenceEqual(printed[..length])) form = isWhole ? NumberForm.Whole : NumberForm.Shortest;
        else if (isWhole && text.Length == length + 2 && text.StartsWith(printed[..length]) && text.EndsWith(".0"u8)) form = NumberForm.Pointed;
        else form = NumberForm.Other;
        return value;
    }

    /// <summary>Prints the shortest text that reads as the number.</summary>
    /// <param name="value">The number.</param>
    /// <param name="pointed">A whole number gets <c>.0</c>.</param>
    /// <param name="text">At least <see cref="MaxBytes"/> long.</param>
    /// <returns>How many bytes were printed.</returns>
    public static int Print(double value, bool pointed, Span<byte> text)
    {
        if (!double.IsFinite(value))
        {
            var name = double.IsNaN(value) ? "\"NaN\""u8 : value > 0 ? "\"Infinity\""u8 : "\"-Infinity\""u8;
            name.CopyTo(text);
            return name.Length;
        }

        value.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        if (!pointed || text[..length].ContainsAnyExcept("-0123456789"u8)) return length;
        ".0"u8.CopyTo(text[length..]);
        return length + 2;
    }

    /// <summary>Reads an integer that was checked when it came in.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isPlain">Whether it prints the same again; <c>-0</c> doesn't.</param>
    public static long ReadInteger(ReadOnlySpan<byte> text, out bool isPlain)
    {
        if (!Utf8Parser.TryParse(text, out long value, out var used) || used != text.Length) throw new InvalidDataException("The bytes are not an integer.");
        isPlain = value != 0 || text.Length == 1;
        return value;
    }

    /// <summary>
    /// The usual case without printing: of at most 15 digits, no zero at the end of the fraction and no exponent, a text is the shortest that reads as its number,
    /// because no two such texts read as the same one. Below 0.0001 the shortest has an exponent.
    /// </summary>
    private static bool TryReadPlain(ReadOnlySpan<byte> text, out double value, out NumberForm form)
    {
        (value, form) = (0, NumberForm.Other);
        var negative = text[0] == '-';
        var digits = negative ? text[1..] : text;
        if (digits.Length is 0 or > ExactDigits + 1) return false;
        var mantissa = 0L;
        var point = -1;
        for (var i = 0; i < digits.Length; i++)
        {
            if (digits[i] == '.' && point < 0) point = i;
            else if (digits[i] is >= (byte)'0' and <= (byte)'9') mantissa = (mantissa * 10) + (digits[i] - '0');
            else return false;
        }

        if (point < 0)
        {
            if (digits.Length > ExactDigits || (digits[0] == '0' && digits.Length > 1)) return false;
            value = negative ? -(double)mantissa : mantissa;
            form = NumberForm.Whole;
            return true;
        }

        var fraction = digits.Length - 1 - point;
        if (point == 0 || fraction == 0 || (digits[0] == '0' && point > 1)) return false;
        if (digits[^1] == '0')
        {
            if (fraction != 1) return false;
            form = NumberForm.Pointed;
        }
        else
        {
            form = NumberForm.Shortest;
        }

        // Both are exact, so that the division rounds once.
        value = mantissa / PowersOfTen[fraction];
        if (form == NumberForm.Shortest && value < 1e-4) return false;
        if (negative) value = -value;
        return true;
    }

    private static double Parse(ReadOnlySpan<byte> text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : throw new InvalidDataException("The bytes are not a number.");

    private static double Named(ReadOnlySpan<byte> text) =>
        text.SequenceEqual("\"NaN\""u8) ? double.NaN
        : text.SequenceEqual("\"Infinity\""u8) ? double.PositiveInfinity
        : text.SequenceEqual("\"-Infinity\""u8) ? double.NegativeInfinity
        : throw new InvalidDataException("The bytes are not a number.");
}

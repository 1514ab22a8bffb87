using System.Buffers.Text;

namespace Rollbook.Steps;

/// <summary>A JSON number as it was met, and its value where that is certain.</summary>
internal readonly ref struct ScannedNumber
{
    // Every integer of so many decimal digits is below 2^53, and a double holds it exactly.
    private const int ExactDigits = 15;

    // Every integer of so many fits 64 bits with a sign.
    private const int IntegerDigits = 18;

    private static ReadOnlySpan<double> PowersOfTen => [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14];

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Text { get; init; }

    /// <summary>The digits without sign, point and exponent, as an integer; more than 19 may overflow it.</summary>
    public ulong Digits { get; init; }

    /// <summary>How many digits there are.</summary>
    public int Count { get; init; }

    /// <summary>How many of them stand behind the point.</summary>
    public int Fraction { get; init; }

    /// <summary>Whether a minus stands before it.</summary>
    public bool IsNegative { get; init; }

    /// <summary>Whether it has an exponent.</summary>
    public bool HasExponent { get; init; }

    /// <summary>The integer; false where it is written as another number, or with more than 18 digits.</summary>
    public bool TryGetInteger(out long value)
    {
        value = IsNegative ? -(long)Digits : (long)Digits;
        return Fraction == 0 && !HasExponent && Count <= IntegerDigits;
    }

    /// <summary>The nearest double; false where it has none that is finite.</summary>
    public bool TryGetDouble(out double value)
    {
        if (HasExponent || Count > ExactDigits) return Utf8Parser.TryParse(Text, out value, out var used) && used == Text.Length && double.IsFinite(value);
        // Both operands are exact, so that IEEE 754's division gives the nearest double (Clinger, How to Read Floating Point Numbers Accurately, 1990).
        value = Digits / PowersOfTen[Fraction];
        if (IsNegative) value = -value;
        return true;
    }
}

using System.Text.Json;

namespace Rollbook.Steps;

/// <summary>Numbers that are not finite, which JSON has no tokens for: the contract writes them as strings.</summary>
internal static class JsonNumbers
{
    /// <summary>Reads the string at which the reader stands, if it is one of the three.</summary>
    public static bool TryNamed(ref Utf8JsonReader reader, out double value)
    {
        value = double.NaN;
        if (reader.TokenType != JsonTokenType.String) return false;
        if (reader.ValueSpan.SequenceEqual("NaN"u8)) return true;
        value = double.PositiveInfinity;
        if (reader.ValueSpan.SequenceEqual("Infinity"u8)) return true;
        value = double.NegativeInfinity;
        return reader.ValueSpan.SequenceEqual("-Infinity"u8);
    }

    /// <summary>Writes a number, as a string where it is not finite.</summary>
    public static void WriteNumber(this Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value)) writer.WriteNumberValue(value);
        else writer.WriteStringValue(double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
    }
}

using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Rollbook.Query;

/// <summary>Where a page ended: the last row's key and id. It stays right while rows come and go.</summary>
/// <param name="Order">The order it belongs to.</param>
/// <param name="Key">The key; null = the row has none.</param>
/// <param name="Id">The id.</param>
internal sealed record ListCursor(string Order, double? Key, string Id)
{
    private const int MaxLength = 1024;

    /// <summary>As text for a URL.</summary>
    public override string ToString()
    {
        // The bits: a decimal text would do, but every bit must come back.
        var key = Key is { } number ? BitConverter.DoubleToInt64Bits(number).ToString("x", CultureInfo.InvariantCulture) : "";
        return Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{Order}\n{key}\n{Id}"));
    }

    /// <summary>Reads one that <see cref="ToString"/> made.</summary>
    /// <exception cref="FormatException">It is no such text, or of another order.</exception>
    public static ListCursor Parse(string text, ListOrder order)
    {
        if (text.Length > MaxLength || !Base64Url.IsValid(text)) throw new FormatException("cursor is not one that was given.");
        var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split('\n');
        if (parts.Length != 3) throw new FormatException("cursor is not one that was given.");
        if (parts[0] != order.Name) throw new FormatException($"cursor belongs to order={parts[0]}: give the order and filters with which the list began.");
        if (parts[1].Length == 0) return new ListCursor(parts[0], null, parts[2]);
        return long.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var bits)
            ? new ListCursor(parts[0], BitConverter.Int64BitsToDouble(bits), parts[2])
            : throw new FormatException("cursor is not one that was given.");
    }
}

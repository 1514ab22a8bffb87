using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Rollbook;

/// <summary>
/// The text form of a ULID (https://github.com/ulid/spec): 48 bits of Unix milliseconds and 80 random bits,
/// written as 26 characters of Crockford's base 32. Ids minted later sort later.
/// </summary>
internal static class Ulid128
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    public static UInt128 New(TimeProvider time)
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes[6..]);
        return From(time.GetUtcNow(), bytes);
    }

    public static UInt128 New(TimeProvider time, Random seeded)
    {
        Span<byte> bytes = stackalloc byte[16];
        seeded.NextBytes(bytes[6..]);
        return From(time.GetUtcNow(), bytes);
    }

    public static string Format(UInt128 value) => string.Create(26, value, static (chars, v) =>
    {
        for (var i = 25; i >= 0; i--)
        {
            chars[i] = Alphabet[(int)(v & 31)];
            v >>= 5;
        }
    });

    public static bool TryParse(ReadOnlySpan<char> text, out UInt128 value)
    {
        value = 0;
        // 26 characters hold 130 bits: a first one over 7 would overflow.
        if (text.Length != 26 || text[0] is < '0' or > '7') return false;
        foreach (var c in text)
        {
            var digit = Alphabet.IndexOf(char.ToUpperInvariant(c));
            if (digit < 0 || c > 'z') return false;
            value = (value << 5) | (uint)digit;
        }

        return true;
    }

    private static UInt128 From(DateTimeOffset now, Span<byte> bytes)
    {
        Span<byte> time = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(time, now.ToUnixTimeMilliseconds());
        time[2..].CopyTo(bytes);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}

using System.Security.Cryptography;
using System.Text;

namespace Rollbook.Access;

/// <summary>
/// An API key: <c>rb_{id}_{secret}</c>, the id 12 characters (60 bits), the secret 52 (256 random bits), both in the base 32 of RFC 4648, lower case.
/// No key is guessed, so a plain SHA-256 of it is stored; a slow hash would only protect what people choose.
/// </summary>
internal static class ApiKey
{
    /// <summary>What every key begins with, so that scanners of secrets know one.</summary>
    public const string Begin = "rb_";

    /// <summary>Characters of an id.</summary>
    public const int IdLength = 12;

    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    private const int SecretLength = 52;
    private const int Length = 3 + IdLength + 1 + SecretLength;

    /// <summary>Makes a key.</summary>
    /// <returns>Its id, the whole key, and its hash.</returns>
    public static (string Id, string Key, byte[] Hash) New()
    {
        var id = RandomNumberGenerator.GetString(Alphabet, IdLength);
        var key = $"{Begin}{id}_{RandomNumberGenerator.GetString(Alphabet, SecretLength)}";
        return (id, key, SHA256.HashData(Encoding.ASCII.GetBytes(key)));
    }

    /// <summary>What of a key may be shown.</summary>
    public static string Prefix(string id) => $"{Begin}{id}";

    /// <summary>The id within a text that has the form of a key; empty where it has not.</summary>
    public static ReadOnlySpan<char> IdOf(ReadOnlySpan<char> text) =>
        text.Length == Length && text.StartsWith(Begin, StringComparison.Ordinal) && text[Begin.Length + IdLength] == '_'
            ? text.Slice(Begin.Length, IdLength)
            : default;

    /// <summary>Whether a text of a key's form has a hash; takes the same time whatever differs.</summary>
    public static bool Has(ReadOnlySpan<char> text, ReadOnlySpan<byte> hash)
    {
        Span<byte> bytes = stackalloc byte[Length];
        if (text.Length != Length || Encoding.UTF8.GetByteCount(text) != Length) return false;
        Encoding.UTF8.GetBytes(text, bytes);
        Span<byte> own = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, own);
        return CryptographicOperations.FixedTimeEquals(own, hash);
    }
}

using System.Security.Cryptography;
using System.Text;

namespace Rollbook;

/// <summary>
/// The grain key of a worker: base 32 of SHA-256(project NUL worker), 26 characters. Never the raw id, since storage schemas
/// map some characters to others and ids would collide.
/// </summary>
public static class LoggerKey
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>The key of a worker of a project.</summary>
    public static string Of(string project, string worker)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{project}\0{worker}"));
        return string.Create(26, hash, static (chars, bytes) =>
        {
            for (var i = 0; i < chars.Length; i++)
            {
                var bit = i * 5;
                var pair = (bytes[bit / 8] << 8) | bytes[(bit / 8) + 1];
                chars[i] = Alphabet[(pair >> (11 - (bit % 8))) & 31];
            }
        });
    }
}

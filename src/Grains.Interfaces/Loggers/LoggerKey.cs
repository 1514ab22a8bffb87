using System.Security.Cryptography;
using System.Text;

namespace Rollbook;

/// <summary>
/// The grain key of a worker: base 32 of SHA-256(project NUL worker), 26 characters, behind <c>{project}.</c> unless it is the default one. Never the raw id,
/// since storage schemas map some characters to others and ids would collide.
/// </summary>
public static class LoggerKey
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    private const int HashLength = 26;

    /// <summary>The key of a worker of a project.</summary>
    public static string Of(string project, string worker)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{project}\0{worker}"));
        var name = string.Create(HashLength, hash, static (chars, bytes) =>
        {
            for (var i = 0; i < chars.Length; i++)
            {
                var bit = i * 5;
                var pair = (bytes[bit / 8] << 8) | bytes[(bit / 8) + 1];
                chars[i] = Alphabet[(pair >> (11 - (bit % 8))) & 31];
            }
        });
        return project == EpisodeKey.DefaultProject ? name : $"{project}.{name}";
    }

    /// <summary>The project that a key belongs to.</summary>
    /// <exception cref="FormatException">The text is no such key.</exception>
    public static string ProjectOf(string grainKey)
    {
        if (grainKey.Length == HashLength) return EpisodeKey.DefaultProject;
        var dot = grainKey.Length - HashLength - 1;
        return dot > 0 && grainKey[dot] == '.' ? grainKey[..dot] : throw new FormatException($"'{grainKey}' is not the key of a worker.");
    }
}

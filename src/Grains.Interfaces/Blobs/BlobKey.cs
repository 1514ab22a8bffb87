using Rollbook.Steps;

namespace Rollbook;

/// <summary>What names a large value.</summary>
/// <param name="Project">The tenant.</param>
/// <param name="Sha256">The hash of its bytes, 64 lower-case hexadecimal digits.</param>
public readonly record struct BlobKey(string Project, string Sha256)
{
    /// <summary>The grain key, <c>{project}/{sha256}</c>.</summary>
    public override string ToString() => $"{Project}/{Sha256}";

    /// <summary>Reads a grain key.</summary>
    /// <exception cref="FormatException">The text is not <c>{project}/{sha256}</c>.</exception>
    public static BlobKey Parse(string grainKey)
    {
        var slash = grainKey.IndexOf('/');
        if (slash <= 0 || !BlobReferences.IsHash(grainKey.AsSpan(slash + 1)))
            throw new FormatException($"'{grainKey}' is not the key of a large value: project/sha256 is expected, the hash as 64 lower-case hexadecimal digits.");
        return new BlobKey(grainKey[..slash], grainKey[(slash + 1)..]);
    }
}

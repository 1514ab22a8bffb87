namespace Rollbook.Archive;

/// <summary>One immutable file that counts.</summary>
/// <param name="Name">Its name in the store.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Rows">Rows, or frames, in it.</param>
/// <param name="Sha256">SHA-256 of all its bytes, 64 hexadecimal digits in lower case.</param>
public sealed record ManifestFile(string Name, long Bytes, long Rows, string Sha256);

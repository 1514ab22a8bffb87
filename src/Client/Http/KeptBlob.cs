namespace Rollbook.Client;

/// <summary>The reply to a large value: it is in stable storage.</summary>
/// <param name="Sha256">Its name, the SHA-256 of its bytes in 64 lower-case hexadecimal digits.</param>
/// <param name="Bytes">How many it has.</param>
public sealed record KeptBlob(string Sha256, long Bytes);

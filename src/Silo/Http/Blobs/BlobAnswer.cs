namespace Rollbook.Silo.Http;

/// <summary>The answer to a large value that is durable.</summary>
/// <param name="Sha256">Its name, the hash of its bytes.</param>
/// <param name="Bytes">How many it has.</param>
internal sealed record BlobAnswer(string Sha256, long Bytes);

namespace Rollbook.Archive;

/// <summary>The bytes have another hash than the name under which they were sent. Nothing was kept.</summary>
/// <param name="computed">Their own hash, 64 lower-case hexadecimal digits.</param>
internal sealed class BlobHashException(string computed) : Exception($"The bytes have the SHA-256 {computed}. Send them under that name.")
{
    /// <summary>Their own hash.</summary>
    public string Computed { get; } = computed;
}

using System.Security.Cryptography;

namespace Rollbook.Client;

// What is too large for a step.
public sealed partial class RollbookClient
{
    /// <summary>Keeps a large value, durably and once, so that steps can name it: for what the loggers don't keep by themselves, such as bytes.</summary>
    /// <param name="value">1 byte to 64 MiB; not to be changed before this completes.</param>
    /// <param name="mediaType">Of what kind it is, for whoever reads it.</param>
    /// <param name="cancellationToken">Ends the wait; the same call again is harmless.</param>
    /// <returns>The reference, to be written into a step as <c>{"$blob": sha256, "bytes": n, "media_type": …}</c>.</returns>
    /// <exception cref="ArgumentException">It is empty or has more than 64 MiB.</exception>
    /// <exception cref="RefusedException">The recorder keeps no large values.</exception>
    /// <exception cref="UnavailableException">No final answer in time. The same call again is harmless.</exception>
    public async Task<LargeValue> KeepLargeValueAsync(ReadOnlyMemory<byte> value, string? mediaType = null, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref disposed), this);
        if (value.Length is 0 or > LargeText.MaxBytes) throw new ArgumentException($"A large value has 1 to {LargeText.MaxBytes:N0} bytes; this one has {value.Length:N0}.", nameof(value));
        var text = LargeText.Of(value);
        var what = $"The large value {text.Sha256}";
        var code = await tries.CallAsync(what, () => core.Texts.KeepAsync(text), static code => (code, 0), cancellationToken).ConfigureAwait(false);
        return code == RollbookCode.Ok ? new LargeValue(text.Sha256, value.Length, mediaType) : throw Refusal.Of(code, what);
    }

    /// <summary>Reads a large value whole, and proves it by its hash.</summary>
    /// <param name="sha256">Its name, from a reference (<see cref="LargeValue.Of(System.Text.Json.JsonElement)"/>): 64 lower-case hexadecimal digits.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The bytes, at most 64 MiB; those of a text are its UTF-8. Null = there is no such value.</returns>
    /// <exception cref="ArgumentException">The name is no hash.</exception>
    /// <exception cref="InvalidDataException">The bytes that the recorder keeps under this name have another hash.</exception>
    /// <exception cref="UnavailableException">No final answer in time.</exception>
    public async Task<byte[]?> ReadLargeValueAsync(string sha256, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref disposed), this);
        if (!BlobReferences.IsHash(sha256)) throw new ArgumentException("A large value is named by the SHA-256 of its bytes: 64 lower-case hexadecimal digits.", nameof(sha256));
        var grain = core.BlobGrain(sha256);
        byte[]? value = null;
        for (var at = 0; value is null || at < value.Length;)
        {
            var from = at;
            var page = await tries.CallAsync($"Reading the large value {sha256}", () => grain.Read(from), static page => (page.Code, 0), cancellationToken).ConfigureAwait(false);
            if (page.Code == RollbookCode.UnknownBlob) return null;
            value ??= new byte[Math.Min(page.Total, LargeText.MaxBytes)];
            if (page.Bytes.IsEmpty || page.Total != value.Length || page.Bytes.Length > value.Length - at) break;
            page.Bytes.CopyTo(value.AsMemory(at));
            at += page.Bytes.Length;
        }

        return Convert.ToHexStringLower(SHA256.HashData(value)) == sha256
            ? value
            : throw new InvalidDataException($"The recorder keeps other bytes under the name {sha256}: its archive is damaged. `rollbook verify` tells what else is.");
    }
}

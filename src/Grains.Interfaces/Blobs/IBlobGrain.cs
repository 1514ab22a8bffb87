using Orleans.Concurrency;

namespace Rollbook;

/// <summary>
/// One large value, put and read in pieces by clients of the gateway; the key is <see cref="BlobKey"/>. It is put before the step that names it, and kept once under
/// the SHA-256 of its bytes: the same values as over <c>/v1/blobs/{sha256}</c>.
/// </summary>
/// <remarks>An exception means that the outcome is unknown: begin again at 0, and the answer says where to go on.</remarks>
[Alias("rollbook.IBlobGrain")]
public interface IBlobGrain : IGrainWithStringKey
{
    /// <summary>Takes a piece. Pieces come in order; of several clients that put the same value, each goes on where the value is.</summary>
    /// <returns>
    /// Ok with the place of the next piece, which is the value's length once it is durable, and 0 where it has to begin anew; Busy where there is no room;
    /// Unavailable where the pieces together have another hash, of which nothing is kept; UnknownBlob where the recorder keeps no large values.
    /// </returns>
    ValueTask<BlobReply> Put(BlobPiece piece);

    /// <summary>Reads a part. Interleaves: what is there never changes.</summary>
    /// <param name="offset">The first byte.</param>
    /// <returns>Up to <see cref="BlobPiece.MaxBytes"/> bytes; UnknownBlob where there is no such value.</returns>
    [AlwaysInterleave]
    ValueTask<BlobPage> Read(long offset);
}

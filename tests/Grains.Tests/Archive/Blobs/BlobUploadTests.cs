using System.Security.Cryptography;
using Rollbook.Archive;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Archive;

/// <summary>A large value that comes in pieces.</summary>
public sealed class BlobUploadTests : IDisposable
{
    private const string Project = "default";
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly IStoreSubject<IArchiveStore> subject = LocalArchive.Subject();
    private readonly BlobStore blobs;
    private readonly byte[] value = new byte[(3 * BlobPiece.MaxBytes) + 11];

    public BlobUploadTests()
    {
        new Random(1).NextBytes(value);
        blobs = new BlobStore(subject.Store);
    }

    public void Dispose() => subject.Dispose();

    [Fact]
    public async Task Put_InOrder_IsDurableWithTheLastPiece()
    {
        var upload = Upload();

        for (var i = 0; i < 3; i++) Assert.Equal(Ok((i + 1) * BlobPiece.MaxBytes), await upload.PutAsync(Piece(i)));
        Assert.False(await blobs.ExistsAsync(Project, Hash, None));
        Assert.Equal(Ok(value.Length), await upload.PutAsync(Piece(3)));

        Assert.Equal(value, await ReadAsync());
        // Whoever comes later sends one piece, at most.
        Assert.Equal(Ok(value.Length), await upload.PutAsync(Piece(0)));
        Assert.Equal(Ok(value.Length), await Upload().PutAsync(Piece(2)));
    }

    [Fact]
    public async Task Put_OfRepeatsAndOfTwoClientsAtOnce_GoesOnWhereTheValueIs()
    {
        var upload = Upload();
        await upload.PutAsync(Piece(0));

        Assert.Equal(Ok(BlobPiece.MaxBytes), await upload.PutAsync(Piece(0)));
        Assert.Equal(Ok(BlobPiece.MaxBytes), await upload.PutAsync(Piece(2)));
        Assert.Equal(Ok(2 * BlobPiece.MaxBytes), await upload.PutAsync(Piece(1)));
        // An activation that knows nothing of it begins anew.
        Assert.Equal(Ok(0), await Upload().PutAsync(Piece(2)));
        await upload.PutAsync(Piece(2));
        await upload.PutAsync(Piece(3));

        Assert.Equal(value, await ReadAsync());
    }

    [Fact]
    public async Task Put_OfBytesWithAnotherHash_KeepsNothingAndTakesTheRightOnes()
    {
        var upload = Upload();
        var wrong = Piece(1) with { Bytes = new byte[BlobPiece.MaxBytes] };
        foreach (var piece in new[] { Piece(0), wrong, Piece(2) }) await upload.PutAsync(piece);

        Assert.Equal(new BlobReply(RollbookCode.Unavailable, 0), await upload.PutAsync(Piece(3)));

        Assert.False(await blobs.ExistsAsync(Project, Hash, None));
        for (var i = 0; i < 4; i++) await upload.PutAsync(Piece(i));
        Assert.Equal(value, await ReadAsync());
    }

    [Fact]
    public async Task Put_WhenGivenUp_KeepsNothingAndBeginsAnew()
    {
        var upload = Upload();
        await upload.PutAsync(Piece(0));
        upload.Abandon();
        upload.Abandon();

        Assert.Equal(Ok(0), await upload.PutAsync(Piece(1)));
        for (var i = 0; i < 4; i++) await upload.PutAsync(Piece(i));

        Assert.Equal(value, await ReadAsync());
    }

    [Fact]
    public async Task Put_OfWhatIsNoPiece_IsRefused()
    {
        var upload = Upload();
        await Assert.ThrowsAsync<TooLargeException>(async () => await upload.PutAsync(Piece(0) with { Total = BlobStore.MaxBytes + 1L }));
        await Assert.ThrowsAsync<ArgumentException>(async () => await upload.PutAsync(Piece(0) with { Bytes = default }));
        await Assert.ThrowsAsync<ArgumentException>(async () => await upload.PutAsync(Piece(0) with { Offset = -1 }));
        await Assert.ThrowsAsync<ArgumentException>(async () => await upload.PutAsync(Piece(3) with { Offset = value.Length - 1 }));
        Assert.Equal(new BlobReply(RollbookCode.UnknownBlob, 0), await new BlobUpload(null, new BlobKey(Project, Hash)).PutAsync(Piece(0)));
    }

    [Fact]
    public void Parse_OfAGrainKey_TakesItsOwnTextAlone()
    {
        var key = new BlobKey("a project", Hash);
        Assert.Equal(key, BlobKey.Parse(key.ToString()));
        Assert.Throws<FormatException>(() => BlobKey.Parse(Hash));
        Assert.Throws<FormatException>(() => BlobKey.Parse($"p/{Hash}0"));
        Assert.Throws<FormatException>(() => BlobKey.Parse($"p/../{Hash[3..]}"));
    }

    private string Hash => Convert.ToHexStringLower(SHA256.HashData(value));

    private static BlobReply Ok(long next) => new(RollbookCode.Ok, next);

    private BlobUpload Upload() => new(new BlobStore(subject.Store), new BlobKey(Project, Hash));

    private BlobPiece Piece(int number)
    {
        var from = number * BlobPiece.MaxBytes;
        return new BlobPiece(value.Length, from, value.AsMemory(from, Math.Min(BlobPiece.MaxBytes, value.Length - from)));
    }

    private async Task<byte[]> ReadAsync()
    {
        await using var found = (await blobs.OpenAsync(Project, Hash, None))!;
        var bytes = new byte[found.Length];
        await found.Content.ReadExactlyAsync(bytes);
        return bytes;
    }
}

using Rollbook.Testing;
using Xunit;

namespace Rollbook.Client.Tests.Gateway.Large;

/// <summary>How a large text gets to the recorder.</summary>
public sealed class KeptTextsTests
{
    private readonly List<BlobPiece> pieces = [];
    private readonly KeptTexts texts;
    private Func<BlobPiece, BlobReply> answer = static piece => new BlobReply(RollbookCode.Ok, piece.Offset + piece.Bytes.Length);

    public KeptTextsTests() => texts = new KeptTexts(_ => FakeGrain.Of<IBlobGrain>((_, args) =>
    {
        var piece = (BlobPiece)args[0]!;
        pieces.Add(piece);
        return ValueTask.FromResult(answer(piece));
    }));

    [Fact]
    public async Task Keep_OfSeveralPieces_SendsEachOnceInOrderAndTheTextNeverAgain()
    {
        var text = Text((2 * BlobPiece.MaxBytes) + 5);

        Assert.Equal(RollbookCode.Ok, await texts.KeepAsync(text));
        Assert.Equal(RollbookCode.Ok, await texts.KeepAsync(text));

        Assert.Equal([(0, BlobPiece.MaxBytes), (BlobPiece.MaxBytes, BlobPiece.MaxBytes), (2 * BlobPiece.MaxBytes, 5)], pieces.Select(piece => ((int)piece.Offset, piece.Bytes.Length)));
        Assert.All(pieces, piece => Assert.Equal(text.Utf8.Length, piece.Total));
        texts.Forget(text.Sha256);
        await texts.KeepAsync(text);
        Assert.Equal(6, pieces.Count);
    }

    [Fact]
    public async Task Keep_WhereTheRecorderHasIt_SendsOnePiece()
    {
        answer = static piece => new BlobReply(RollbookCode.Ok, piece.Total);

        Assert.Equal(RollbookCode.Ok, await texts.KeepAsync(Text(5 * BlobPiece.MaxBytes)));

        Assert.Single(pieces);
    }

    [Fact]
    public async Task Keep_WhereTheRecorderBeginsAnew_BeginsAnew()
    {
        answer = piece => pieces.Count == 2 ? new BlobReply(RollbookCode.Ok, 0) : new BlobReply(RollbookCode.Ok, piece.Offset + piece.Bytes.Length);

        Assert.Equal(RollbookCode.Ok, await texts.KeepAsync(Text(2 * BlobPiece.MaxBytes)));

        Assert.Equal([0, BlobPiece.MaxBytes, 0, BlobPiece.MaxBytes], pieces.Select(piece => (int)piece.Offset));
    }

    [Theory]
    [InlineData(RollbookCode.Busy)]
    [InlineData(RollbookCode.Unavailable)]
    [InlineData(RollbookCode.UnknownBlob)]
    public async Task Keep_WhenRefused_SaysSoAndTriesAnewNextTime(RollbookCode code)
    {
        answer = _ => new BlobReply(code, 0);
        Assert.Equal(code, await texts.KeepAsync(Text(10)));

        answer = static piece => new BlobReply(RollbookCode.Ok, piece.Total);
        Assert.Equal(RollbookCode.Ok, await texts.KeepAsync(Text(10)));
        Assert.Equal(2, pieces.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1 << 30)]
    public async Task Keep_OfARecorderThatNeverGetsOn_IsAnUnknownOutcome(long next)
    {
        answer = _ => new BlobReply(RollbookCode.Ok, next);

        await Assert.ThrowsAsync<InvalidDataException>(async () => await texts.KeepAsync(Text(2 * BlobPiece.MaxBytes)));
    }

    private static LargeText Text(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return LargeText.Of(bytes);
    }
}

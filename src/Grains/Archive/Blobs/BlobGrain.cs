using Microsoft.Extensions.DependencyInjection;

namespace Rollbook.Archive;

/// <summary>A shell around <see cref="BlobUpload"/> and the store, at the silo that the client is connected to.</summary>
[GrainType("blob"), Orleans.Placement.PreferLocalPlacement]
internal sealed class BlobGrain : Grain, IBlobGrain
{
    private readonly BlobStore? store;
    private readonly BlobKey key;
    private readonly BlobUpload upload;

    /// <summary>Made by Orleans.</summary>
    public BlobGrain(IServiceProvider services)
    {
        key = BlobKey.Parse(this.GetPrimaryKeyString());
        store = services.GetService<BlobStore>();
        upload = new BlobUpload(store, key);
    }

    /// <inheritdoc/>
    public ValueTask<BlobReply> Put(BlobPiece piece) => upload.PutAsync(piece);

    /// <inheritdoc/>
    public async ValueTask<BlobPage> Read(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (store is null || await store.OpenAsync(key.Project, key.Sha256, CancellationToken.None) is not { } found) return new BlobPage(RollbookCode.UnknownBlob, 0, default);
        await using var opened = found;
        var piece = new byte[Math.Clamp(found.Length - offset, 0, BlobPiece.MaxBytes)];
        if (piece.Length > 0)
        {
            found.Content.Position = offset;
            await found.Content.ReadExactlyAsync(piece);
        }

        return new BlobPage(RollbookCode.Ok, found.Length, piece);
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        upload.Abandon();
        return base.OnDeactivateAsync(reason, cancellationToken);
    }
}

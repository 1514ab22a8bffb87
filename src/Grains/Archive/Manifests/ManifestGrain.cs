namespace Rollbook.Archive;

/// <summary>A shell around <see cref="ManifestMerger"/>. Two activations at once only merge less.</summary>
[GrainType("manifest")]
internal sealed class ManifestGrain : Grain, IManifestGrain
{
    private readonly ManifestMerger merger;

    /// <summary>Made by Orleans.</summary>
    public ManifestGrain(ManifestStore manifests, TimeProvider time) => merger = new ManifestMerger(manifests, this.GetPrimaryKeyString(), time);

    /// <inheritdoc/>
    public async ValueTask<bool> Publish(ReadOnlyMemory<byte> pack)
    {
        var read = ManifestCodec.ReadPack(pack);
        return await merger.ChangeAsync(manifest => manifest.With(read)) is not null;
    }
}

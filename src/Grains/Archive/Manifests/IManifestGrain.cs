using Orleans.Concurrency;

namespace Rollbook.Archive;

/// <summary>One project's manifest, for all silos: merges what they publish at the same time. The key is the project.</summary>
/// <remarks>An exception means that the outcome is unknown; what was published is in the manifest, and the same pack again doesn't fit.</remarks>
[Alias("rollbook.IManifestGrain")]
internal interface IManifestGrain : IGrainWithStringKey
{
    /// <summary>Publishes a pack: see <see cref="Manifest.With"/>. Interleaves, since calls wait for each other.</summary>
    /// <param name="pack">The pack, as <see cref="ManifestCodec.WritePack"/> writes it.</param>
    /// <returns>Whether it counts; false = it doesn't follow what is packed.</returns>
    [AlwaysInterleave]
    ValueTask<bool> Publish(ReadOnlyMemory<byte> pack);
}

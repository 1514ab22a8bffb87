namespace Rollbook.Archive;

/// <summary>Refuses steps that name large values which are not there: what is acknowledged can be read whole.</summary>
/// <param name="store">Where they are; null where the recorder keeps none, and so knows none.</param>
internal sealed class BlobCheck(BlobStore? store)
{
    /// <summary>Looks for all large values that the steps name; what was found before is not looked for again.</summary>
    /// <returns>The refusal, with the first hash that is not known; null = none.</returns>
    public async ValueTask<AppendReply?> RefusalAsync(string project, EncodedSteps steps)
    {
        foreach (var hash in BlobReferences.Of(steps))
        {
            if (store is null || !await store.ExistsAsync(project, hash, CancellationToken.None))
                return new AppendReply(RollbookCode.UnknownBlob, 0, 0, hash);
        }

        return null;
    }
}

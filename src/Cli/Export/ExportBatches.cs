namespace Rollbook.Cli;

/// <summary>How many episodes are asked for at once. Few come one by one, so that a refusal concerns that one; of thousands the requests would cost more than the steps.</summary>
internal static class ExportBatches
{
    /// <summary>As many as a request's line holds.</summary>
    public const int Most = 250;

    private const int OneByOne = 100;
    private const long Steps = 20_000;

    public static IEnumerable<IReadOnlyList<ExportItem>> Of(IReadOnlyList<ExportItem> episodes)
    {
        var batch = new List<ExportItem>();
        long steps = 0;
        foreach (var episode in episodes)
        {
            batch.Add(episode);
            steps += episode.Steps;
            if (episodes.Count > OneByOne && batch.Count < Most && steps < Steps)
                continue;
            yield return batch;
            batch = [];
            steps = 0;
        }

        if (batch.Count > 0)
            yield return batch;
    }
}

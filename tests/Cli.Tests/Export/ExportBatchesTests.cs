using Xunit;

namespace Rollbook.Cli.Tests.Export;

public sealed class ExportBatchesTests
{
    [Theory]
    [InlineData(3, 10, 3)]
    [InlineData(100, 10, 100)]
    [InlineData(600, 10, 3)]
    [InlineData(600, 10_000, 300)]
    [InlineData(600, 1_000_000, 600)]
    public void Of_SoManyEpisodes_AsksForThemInSoManyRequests(int episodes, int steps, int requests)
    {
        var items = Enumerable.Range(0, episodes).Select(i => new ExportItem($"{i:D26}", steps, false)).ToList();

        var batches = ExportBatches.Of(items).ToList();

        Assert.Equal(requests, batches.Count);
        Assert.Equal(items, batches.SelectMany(static batch => batch));
    }
}

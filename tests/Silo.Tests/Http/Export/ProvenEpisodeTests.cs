using Rollbook.Silo.Http;

namespace Rollbook.Silo.Tests.Http.Export;

public sealed class ProvenEpisodeTests
{
    private const long Mebibyte = 1 << 20;

    [Theory]
    [InlineData(8, 1, 8)] // Few bytes are kept,
    [InlineData(9, 1, 18)] // more are read again,
    [InlineData(1, 16, 2)] // however many pages they are;
    [InlineData(300, 1, 557)] // and of very many only the first 257 pages are read beforehand.
    public async Task Pages_ByTheirBytes_AreKeptOrReadAgain(int pages, int mebibytes, int reads)
    {
        var read = 0;
        var proven = await ProvenEpisode.OfAsync(Pages, _ => mebibytes * Mebibyte, TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, pages), await proven().ToListAsync(TestContext.Current.CancellationToken));
        Assert.Equal(reads, read);

        async IAsyncEnumerable<int> Pages()
        {
            for (var page = 0; page < pages; page++)
            {
                await Task.Yield();
                read++;
                yield return page;
            }
        }
    }
}

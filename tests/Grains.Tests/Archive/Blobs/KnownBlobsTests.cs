using Rollbook.Archive;
using Xunit;

namespace Rollbook.Grains.Tests.Archive;

public sealed class KnownBlobsTests
{
    [Fact]
    public void Add_OfManyNames_KeepsTheLastAndThoseThatAreAskedFor()
    {
        var known = new KnownBlobs(most: 10);
        known.Add("asked");
        for (var i = 0; i < 1_000; i++)
        {
            known.Add($"n{i}");
            Assert.True(known.Contains("asked"));
            Assert.True(known.Contains($"n{i}"));
        }

        Assert.True(Enumerable.Range(0, 1_000).Count(i => known.Contains($"n{i}")) <= 20);
        Assert.False(known.Contains("n0"));
    }
}

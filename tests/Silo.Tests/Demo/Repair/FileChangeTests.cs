using Rollbook.Silo.Demo;
using Xunit;

namespace Rollbook.Silo.Tests.Demo;

public sealed class FileChangeTests
{
    [Theory]
    [InlineData(null, "abc", 3)]
    [InlineData("abc", "abc", 0)]
    [InlineData("a < b", "a <= b", 1)]
    [InlineData("x + y", "x - y", 2)]
    [InlineData("aaa", "aa", 1)]
    [InlineData("abcdef", "", 6)]
    [InlineData("one two", "one and two", 4)]
    public void Between_WhenContentsDiffer_CountsWhatLiesBetweenCommonEnds(string? before, string after, int changed) =>
        Assert.Equal(new FileChange("f", before, after, changed), FileChange.Between("f", before, after));
}

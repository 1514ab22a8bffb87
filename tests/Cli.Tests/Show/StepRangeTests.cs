using Xunit;

namespace Rollbook.Cli.Tests.Show;

public sealed class StepRangeTests
{
    [Theory]
    [InlineData("all", 0, 10)]
    [InlineData("none", 0, 0)]
    [InlineData("3", 3, 4)]
    [InlineData("3-5", 3, 6)]
    [InlineData("3-", 3, 10)]
    [InlineData("3-99", 3, 10)]
    [InlineData("-4", 6, 10)]
    [InlineData("-40", 0, 10)]
    [InlineData("12", 10, 10)]
    public void Of_WhenTextIsARange_GivesItWithinTheEpisode(string text, long from, long end) => Assert.Equal((from, end), StepRange.Parse(text)!.Value.Of(10));

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("5-3")]
    [InlineData("a")]
    [InlineData("1-2-3")]
    [InlineData("-0")]
    [InlineData("99999999999999999999")]
    public void Parse_WhenTextIsNone_GivesNull(string text) => Assert.Null(StepRange.Parse(text));
}

using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Grains.Tests.StepLog.Format;

public sealed class Crc32CTests
{
    // RFC 3720, appendix B.4.
    [Theory]
    [InlineData(0x00, 0x8A9136AAu)]
    [InlineData(0xFF, 0x62A8AB43u)]
    public void Append_OfThirtyTwoEqualBytes_GivesTheValueOfTheRfc(byte value, uint expected) =>
        Assert.Equal(expected, Crc32C.Append(0, Enumerable.Repeat(value, 32).ToArray()));

    [Fact]
    public void Append_OfRisingBytes_GivesTheValueOfTheRfc() =>
        Assert.Equal(0x46DD794Eu, Crc32C.Append(0, Enumerable.Range(0, 32).Select(static i => (byte)i).ToArray()));

    [Fact]
    public void Append_InTwoParts_GivesTheCrcOfTheWhole()
    {
        var bytes = Enumerable.Range(0, 77).Select(static i => (byte)(i * 31)).ToArray();
        var whole = Crc32C.Append(0, bytes);
        for (var cut = 0; cut <= bytes.Length; cut++) Assert.Equal(whole, Crc32C.Append(Crc32C.Append(0, bytes.AsSpan(0, cut)), bytes.AsSpan(cut)));
    }
}

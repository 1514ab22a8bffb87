using Rollbook.Embedded;
using Rollbook.Episodes;
using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Grains.Tests.Embedded;

public sealed class ExtentCodecTests
{
    // Version 1, as released: headers on users' disks hold these bytes.
    private const string Golden =
        "01" + "0000000000000001" + "000102030405060708090a0b0c0d0e0f" + "0000000000000103" + "ffffffffffffffffffffffffffffffff";

    private static readonly Extent[] Extents =
    [
        new(1, new LogId(new UInt128(0x0001020304050607, 0x08090a0b0c0d0e0f))),
        new(0x103, new LogId(UInt128.MaxValue)),
    ];

    [Fact]
    public void Encode_OfTheGoldenExtents_GivesTheGoldenBytes() => Assert.Equal(Golden, Convert.ToHexStringLower(ExtentCodec.Encode(Extents)));

    [Fact]
    public void Decode_OfTheGoldenBytes_GivesTheGoldenExtents() => Assert.Equal(Extents, ExtentCodec.Decode(Convert.FromHexString(Golden)));

    [Theory]
    [InlineData("")]
    [InlineData("02")]
    [InlineData("0100")]
    public void Decode_OfOtherBytes_Throws(string hex) => Assert.Throws<InvalidDataException>(() => ExtentCodec.Decode(Convert.FromHexString(hex)));
}

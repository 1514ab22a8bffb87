using System.Text;
using Rollbook.Grains.Tests.Golden;
using Rollbook.StepLog;
using Xunit;

namespace Rollbook.Grains.Tests.StepLog.Format;

public sealed class FrameCodecTests
{
    [Fact]
    public void Write_OfAStepsFrame_GivesTheGoldenBytes() => GoldenFile.AssertWritten("frame-steps-v1.bin", GoldenValues.StepsFrame());

    [Fact]
    public void TryRead_OfTheGoldenFrame_GivesEveryField()
    {
        var bytes = GoldenFile.Read("frame-steps-v1.bin");

        Assert.True(FrameCodec.TryRead(bytes, out var frame));

        Assert.Equal(FrameKind.Steps, frame.Kind);
        Assert.Equal(bytes.Length, frame.Length);
        Assert.Equal("mañana", Encoding.UTF8.GetString(frame.ProjectUtf8));
        Assert.Equal(GoldenValues.Key, frame.Key);
        Assert.Equal(3, frame.Term);
        Assert.Equal(2, frame.Ordinal);
        Assert.Equal(1, frame.Count);
        Assert.Equal(GoldenValues.Step(), frame.Payload.ToArray());
    }

    [Fact]
    public void TryRead_WithAnyByteFlipped_Refuses()
    {
        var frame = GoldenValues.StepsFrame();
        for (var at = 0; at < frame.Length; at++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                frame[at] ^= (byte)(1 << bit);
                Assert.False(FrameCodec.TryRead(frame, out _), $"byte {at}, bit {bit}");
                frame[at] ^= (byte)(1 << bit);
            }
        }

        Assert.True(FrameCodec.TryRead(frame, out _));
    }

    [Fact]
    public void TryRead_WithAnyByteMissingAtTheEnd_Refuses()
    {
        var frame = GoldenValues.StepsFrame();
        for (var length = 0; length < frame.Length; length++)
        {
            Assert.False(FrameCodec.TryRead(frame.AsSpan(0, length), out _), $"{length} bytes");
            Assert.False(FrameCodec.TryProve(frame.AsSpan(0, length), out _), $"{length} bytes");
        }
    }

    [Theory]
    [InlineData(2, null)]
    [InlineData(255, null)]
    [InlineData(null, 10)]
    [InlineData(null, 99)]
    public void TryProve_OfANewerReleasesFrame_TellsItFromDamage(int? version, int? kind)
    {
        var frame = GoldenValues.AsNewer(GoldenValues.StepsFrame(), (byte?)version, (byte?)kind);

        Assert.False(FrameCodec.TryRead(frame, out _));
        Assert.True(FrameCodec.TryProve(frame, out var length));
        Assert.Equal(frame.Length, length);
    }
}

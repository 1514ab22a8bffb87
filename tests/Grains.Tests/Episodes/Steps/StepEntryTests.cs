using System.Text;
using Rollbook.Episodes;
using Rollbook.Grains.Tests.Golden;
using Xunit;

namespace Rollbook.Grains.Tests.Episodes.Steps;

public sealed class StepEntryTests
{
    [Fact]
    public void WriteHead_OfAStep_GivesTheGoldenBytes() => GoldenFile.AssertWritten("step-entry-v1.bin", GoldenValues.Step());

    [Fact]
    public void Read_OfTheGoldenStep_GivesEveryField()
    {
        var step = StepEntry.Read(GoldenFile.Read("step-entry-v1.bin"));

        Assert.Equal(StepFlags.Done | StepFlags.Error | StepFlags.HasTimestamp, step.Flags);
        Assert.Equal(GoldenValues.Hash, step.Hash);
        Assert.Equal(1_763_890_000_250_000, step.ReceivedAt);
        Assert.Equal(-7, step.StepNumber);
        Assert.Equal(0.25, step.Reward);
        Assert.Equal(double.NegativeInfinity, step.CumulativeReward);
        Assert.Equal(double.NaN, step.PassRate);
        Assert.Equal("""{"action_type":"run","action_query":"ls ü"}""", Encoding.UTF8.GetString(step.Line));
    }

    [Fact]
    public void Read_OfFewerBytesThanAnnounced_Throws()
    {
        var step = GoldenValues.Step();
        for (var length = 0; length < step.Length; length++)
            Assert.Throws<InvalidDataException>(() => StepEntry.Read(step.AsSpan(0, length)).Length);
    }
}

using Rollbook.Episodes;
using Rollbook.Grains.Tests.Golden;
using Xunit;

namespace Rollbook.Grains.Tests.Episodes.Scores;

public sealed class LabelCodecTests
{
    private static readonly LabelEvent Event = new() { EventId = "ui:1", Add = ["pinned", "ä", "pinned"], Remove = ["x"] };

    [Fact]
    public void Write_OfAnEvent_GivesTheGoldenBytes() =>
        GoldenFile.AssertWritten("label-v1.bin", LabelCodec.Write(Event, GoldenValues.Hash, 1_763_890_000.25).Span);

    [Fact]
    public void Read_OfTheGoldenEvent_GivesEveryField()
    {
        var head = LabelCodec.Read(GoldenFile.Read("label-v1.bin"));

        Assert.Equal((EventHash.Of("ui:1"), GoldenValues.Hash), (head.Id, head.Hash));
        Assert.Equal(["pinned", "ä"], head.Add);
        Assert.Equal(["x"], head.Remove);
    }

    [Fact]
    public void HashOf_AnEvent_CoversTheSetsAndNotTheirOrder()
    {
        Assert.Equal(LabelCodec.HashOf(Event), LabelCodec.HashOf(Event with { Add = ["ä", "pinned"] }));
        Assert.NotEqual(LabelCodec.HashOf(Event), LabelCodec.HashOf(Event with { Add = ["x"], Remove = ["pinned", "ä"] }));
        Assert.NotEqual(LabelCodec.HashOf(Event), LabelCodec.HashOf(Event with { EventId = "ui:2" }));
    }
}

using System.Text;
using Rollbook.Episodes;
using Rollbook.Grains.Tests.Golden;
using Xunit;

namespace Rollbook.Grains.Tests.Episodes.Scores;

public sealed class ScoreCodecTests
{
    [Fact]
    public void Write_OfAnEvent_GivesTheGoldenBytes() =>
        GoldenFile.AssertWritten("score-v1.bin", ScoreCodec.Write(GoldenValues.Score(), GoldenValues.Hash, 5).Span);

    [Fact]
    public void Read_OfTheGoldenEvent_GivesEveryField()
    {
        var bytes = GoldenFile.Read("score-v1.bin");

        Assert.Equal(GoldenValues.Score(), ScoreCodec.Read(bytes));
        Assert.Equal(new ScoreHead(EventHash.Of("verifier:1"), GoldenValues.Hash, true, double.NegativeInfinity), ScoreCodec.ReadHead(bytes));
    }

    [Theory]
    [InlineData("""{"later":{"x":[1]},"value":null,"name":"final","hash":"0123456789abcdeffedcba9876543210","event_id":"e"}""", true, null)]
    [InlineData("""{"event_id":"e","hash":"0123456789abcdeffedcba9876543210","name":"style","value":0.5,"time":1}""", false, 0.5)]
    [InlineData("""{"event_id":"e","hash":"0123456789abcdeffedcba9876543210","name":"style"}""", false, null)]
    public void ReadHead_InAnyOrderOfFields_PassesOverWhatALaterReleaseAdded(string json, bool final, double? value) =>
        Assert.Equal(new ScoreHead(EventHash.Of("e"), GoldenValues.Hash, final, value), ScoreCodec.ReadHead(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void HashOf_AnEvent_CoversWhatWasSentAndNoMore()
    {
        var score = GoldenValues.Score() with { Time = null };

        Assert.Equal(ScoreCodec.HashOf(score), ScoreCodec.HashOf(score with { Source = "ünit" }));
        ScoreEvent[] others =
        [
            score with { EventId = "x" }, score with { Name = "x" }, score with { Value = null }, score with { Source = "x" }, score with { Rationale = null },
            score with { Metadata = null }, score with { Time = 1 },
        ];
        Assert.All(others, other => Assert.NotEqual(ScoreCodec.HashOf(score), ScoreCodec.HashOf(other)));
    }
}

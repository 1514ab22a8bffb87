using System.Text;
using Rollbook.Silo.Http;

namespace Rollbook.Silo.Tests.Http.Workers;

/// <summary>What a start may hold.</summary>
public sealed class StartBodyTests
{
    [Fact]
    public void Read_WholeBody_KeepsEverything()
    {
        var start = Read("""
            {"task":"org/repo#12","variant_id":"v3","group_id":"g","attempt":2,"seed":-5,"policy_version":"p","environment":"e",
             "parent_episode_id":"01k00000000000000000000000","metadata":{"a": 1.50, "a": "\u00e9"},"initial_observation":[1, 2],
             "episode_id":"01K00000000000000000000001","start_time":12.5,"deadline_seconds":60,"writer":"w1","takeover":true}
            """);
        Assert.Equal(("org/repo#12", "v3", "g", 2, -5L), (start.Task, start.VariantId, start.GroupId, start.Attempt, start.Seed));
        Assert.Equal(("p", "e", 12.5, 60.0, "w1", true), (start.PolicyVersion, start.Environment, start.StartTime, start.DeadlineSeconds, start.Writer, start.Takeover));
        Assert.Equal("""{"a":1.50,"a":"\u00e9"}""", start.Metadata);
        Assert.Equal("[1,2]", start.InitialObservation);
        Assert.Equal("01K00000000000000000000000", start.ParentEpisodeId.ToString());
        Assert.Equal("01K00000000000000000000001", start.EpisodeId.ToString());
    }

    [Fact]
    public void Read_SameContentOtherwiseWritten_GivesTheSameHash()
    {
        var hash = Read("""{"task":"t","variant_id":"v","metadata":{"a":1}}""").BodyHash;
        Assert.Equal(hash, Read("""{ "metadata": {"a": 1}, "variant_id": "v", "task": "t", "seed": null, "writer": "w", "takeover": true }""").BodyHash);
        Assert.NotEqual(hash, Read("""{"task":"t","variant_id":"v","metadata":{"a":2}}""").BodyHash);
        Assert.NotEqual(hash, Read("""{"task":"v","variant_id":"t","metadata":{"a":1}}""").BodyHash);
        Assert.NotEqual(hash, Read("""{"task":"t","variant_id":"v","metadata":{"a":1},"seed":0}""").BodyHash);
    }

    [Theory]
    [InlineData("", "/task")]
    [InlineData("{}", "/task")]
    [InlineData("[]", "")]
    [InlineData("""{"task":"t"}""", "/variant_id")]
    [InlineData("""{"task":"","variant_id":"v"}""", "/task")]
    [InlineData("""{"task":"a\u0000b","variant_id":"v"}""", "/task")]
    [InlineData("""{"task":"a\u2028b","variant_id":"v"}""", "/task")]
    [InlineData("""{"task":1,"variant_id":"v"}""", "/task")]
    [InlineData("""{"task":"t","variant_id":"v","typo":1}""", "/typo")]
    [InlineData("""{"task":"t","variant_id":"v","task":"t"}""", "/task")]
    [InlineData("""{"task":"\ud800","variant_id":"v"}""", "/task")]
    [InlineData("""{"task":"t","variant_id":"v","metadata":[]}""", "/metadata")]
    [InlineData("""{"task":"t","variant_id":"v","metadata":{"a":["\udc00"]}}""", "/metadata/a/0")]
    [InlineData("""{"task":"t","variant_id":"v","attempt":-1}""", "/attempt")]
    [InlineData("""{"task":"t","variant_id":"v","seed":1.5}""", "/seed")]
    [InlineData("""{"task":"t","variant_id":"v","start_time":"NaN"}""", "/start_time")]
    [InlineData("""{"task":"t","variant_id":"v","start_time":1e999}""", "/start_time")]
    [InlineData("""{"task":"t","variant_id":"v","deadline_seconds":0}""", "/deadline_seconds")]
    [InlineData("""{"task":"t","variant_id":"v","deadline_seconds":2592001}""", "/deadline_seconds")]
    [InlineData("""{"task":"t","variant_id":"v","episode_id":"../x"}""", "/episode_id")]
    [InlineData("""{"task":"t","variant_id":"v","writer":"a b"}""", "/writer")]
    [InlineData("""{"task":"t","variant_id":"v","takeover":"yes"}""", "/takeover")]
    [InlineData("""{"task":"t","variant_id":"v"} {}""", "")]
    public void Read_BadBody_PointsAtTheField(string body, string pointer) =>
        Assert.Equal(pointer, Assert.Throws<BadJsonException>(() => Read(body)).Pointer);

    [Fact]
    public void Read_NamesOf256Characters_AreTheLongest()
    {
        var face = string.Concat(Enumerable.Repeat("😀", 256));
        Assert.Equal(face, Read($$"""{"task":"{{face}}","variant_id":"v"}""").Task);
        Assert.Throws<BadJsonException>(() => Read($$"""{"task":"{{face}}x","variant_id":"v"}"""));
    }

    private static StartEpisode Read(string body) => StartBody.Read("default", "w", null, Encoding.UTF8.GetBytes(body));
}

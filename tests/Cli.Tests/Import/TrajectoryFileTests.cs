using System.Text;
using Xunit;

namespace Rollbook.Cli.Tests.Import;

public sealed class TrajectoryFileTests
{
    [Fact]
    public void Read_WhenFileIsWhole_MapsOutcomeAndKeepsInfoByteForByte()
    {
        var episode = Read("/data/runs/fix-17__window100.traj", """
            {"environment": "swe_main", "trajectory": [{"action": "ls", "observation": "a"}, {"action": "submit", "observation": ""}],
             "history": [{"role": "system", "content": "s"}],
             "info": {"exit_status": "submitted (exit_cost)", "model_stats": {"total_cost": 0.10}, "submission": "\u0041"},
             "replay_config": "{\"env\": 1}"}
            """);

        Assert.Equal("fix-17__window100", episode.Worker);
        Assert.Equal(("fix-17", "window100", "fix-17", "swe_main"), (episode.Start.Task, episode.Start.VariantId, episode.Start.GroupId, episode.Start.Environment));
        Assert.Equal("submitted (exit_cost)", episode.EndCause);
        Assert.Equal(2, episode.Steps.Count);
        var metadata = Encoding.UTF8.GetString(episode.Start.Metadata.Span);
        Assert.StartsWith(
            $$$"""{"source":{"format":"swe-agent","file":"fix-17__window100.traj","sha256":"{{{Convert.ToHexStringLower(episode.FileHash)}}}"}""", metadata, StringComparison.Ordinal);
        Assert.EndsWith(
            ""","environment":"swe_main","info":{"exit_status":"submitted (exit_cost)","model_stats":{"total_cost":0.10},"submission":"\u0041"},"replay_config":"{\"env\": 1}"}""",
            metadata, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"trajectory":[]}""", null)]
    [InlineData("""{"trajectory":[],"info":null}""", null)]
    [InlineData("""{"trajectory":[],"info":{"exit_status":null}}""", null)]
    [InlineData("""{"trajectory":[],"info":{"exit_status":7}}""", null)]
    [InlineData("""{"trajectory":[],"info":{"exit_status":" a\u001b[1mb\n"}}""", "a [1mb")]
    [InlineData("""{"trajectory":[],"replay_config":{"x":1},"info":{"exit_status":"early_exit"},"attempts":[{}]}""", "early_exit")]
    public void Read_WhenOutcomeIsOdd_TakesWhatIsThere(string json, string? cause)
    {
        var episode = Read("x.traj", json);

        Assert.Equal(cause, episode.EndCause);
        Assert.Empty(episode.Steps);
    }

    [Theory]
    [InlineData("""{"history":[{"role":"user"}]}""", "no \"trajectory\", only the messages")]
    [InlineData("""{"other":1}""", "no \"trajectory\"")]
    [InlineData("""{"episode_id":"01K8M3Z4Q0R5T6V7W8X9Y0Z1A2","steps":[]}""", "--format jsonl")]
    [InlineData("PK\u0003\u0004", "zip archive")]
    [InlineData("[]", "not an object")]
    [InlineData("""{"trajectory":{}}""", "not an array")]
    [InlineData("""{"trajectory":[{},3]}""", "trajectory[1] is not an object")]
    [InlineData("""{"trajectory":[{"action":"a"}""", "not JSON (line 1, byte 30)")]
    [InlineData("{\"trajectory\":[],\n\"x\":NaN}", "not JSON (line 2, byte 5)")]
    [InlineData("", "not JSON")]
    public void Read_WhenFileIsBad_SaysWhy(string json, string reason)
    {
        var e = Assert.Throws<ImportException>(() => Read("x.traj", json));

        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_WhenFileIsNotUtf8_SaysWhy()
    {
        var bytes = Encoding.Latin1.GetBytes("""{"trajectory":[{"action":"é"}]}""");

        var e = Assert.Throws<ImportException>(() => TrajectoryFile.Read("x.traj", bytes));

        Assert.Contains("not UTF-8", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_WhenFileHasAByteOrderMark_ReadsOn()
    {
        byte[] bytes = [0xEF, 0xBB, 0xBF, .. """{"trajectory":[{}]}"""u8];

        Assert.Single(TrajectoryFile.Read("x.traj", bytes).Steps);
    }

    [Fact]
    public void Read_WhenAStepIsOverTheLimit_RefusesBeforeAnythingIsSent()
    {
        var json = $$"""{"trajectory":[{"action":"a"},{"observation":"{{new string('x', 16 << 20)}}"}]}""";

        var e = Assert.Throws<ImportException>(() => Read("x.traj", json));

        Assert.Contains("trajectory[1]", e.Message, StringComparison.Ordinal);
        Assert.Contains("16,777,216", e.Message, StringComparison.Ordinal);
    }

    private static ImportedEpisode Read(string path, string json) => TrajectoryFile.Read(path, Encoding.UTF8.GetBytes(json));
}

using System.Text.Json.Nodes;
using CsCheck;
using Rollbook.Export;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Export;

/// <summary>The lines of the Hub's trace viewer.</summary>
public sealed class StsTests
{
    [Fact]
    public async Task Sts_OfAnyEpisode_KeepsTheSchemaAndPairsCallsWithResults() => await Gen.Int.SampleAsync(async seed =>
    {
        var episode = new NastyEpisode(seed);
        var lines = (await Exported.OfAsync(ExportFormat.Sts, episode)).Split('\n');

        Assert.Equal("", lines[^1]);
        Assert.All(lines[..^1], Schema.StsLine.Holds);
        Assert.Equal((string)Exported.Object(lines[0])["id"]!, episode.Id.ToString());
        var messages = lines[1..^1].Select(static line => Exported.Object(line)["message"]!).ToList();
        Assert.Equal(1, lines.Count(static line => line.StartsWith("""{"type":"session",""", StringComparison.Ordinal)));
        var acting = messages.SkipWhile(static message => (string?)message["role"] == "user").ToList();
        Assert.Equal(episode.Steps.Count * 2, acting.Count);
        foreach (var pair in acting.Chunk(2))
        {
            Assert.Equal(("assistant", "tool"), ((string)pair[0]["role"]!, (string)pair[1]["role"]!));
            Assert.Equal((string)pair[0]["toolCalls"]![0]!["id"]!, (string)pair[1]["toolCallId"]!);
            JsonNode.Parse((string)pair[0]["toolCalls"]![0]!["function"]!["arguments"]!)!.AsObject();
        }
    }, iter: Exported.Episodes);

    [Fact]
    public async Task Sts_OfAStep_ShowsWhatWasDoneAndWhatCameBack()
    {
        var lines = (await Exported.OfStepAsync(
            ExportFormat.Sts, """{"action_type":"search","action_path":"src","action_query":"\"é\"","observation_snapshot":{"hits":[]},"thought":"T","response":"R","timestamp":2.5}""")).Split('\n');

        Assert.Equal(
            [
                """{"type":"session","harness":"rollbook","id":"01K00000000000000000000000","name":"t"}""",
                """{"type":"message","message":{"role":"user","content":"t","timestamp":1500}}""",
                """{"type":"message","message":{"role":"assistant","content":"R","reasoningContent":"T","toolCalls":[{"id":"call_0","function":{"name":"search","arguments":"{\"path\":\"src\",\"query\":\"\\\"é\\\"\"}"}}],"timestamp":2500}}""",
                """{"type":"message","message":{"role":"tool","content":"{\"hits\":[]}","toolCallId":"call_0","timestamp":2500}}""",
                "",
            ],
            lines);
    }
}

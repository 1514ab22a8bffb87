using System.Text.Json.Nodes;
using CsCheck;
using Rollbook.Export;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Export;

/// <summary>SWE-agent's trajectory.</summary>
public sealed class TrajTests
{
    [Fact]
    public async Task Traj_OfAnyEpisode_FillsBothArrays() => await Gen.Int.SampleAsync(async seed =>
    {
        var episode = new NastyEpisode(seed);
        var document = Exported.Object(await Exported.OfAsync(ExportFormat.Traj, episode));

        var trajectory = document["trajectory"]!.AsArray();
        var history = document["history"]!.AsArray();
        Assert.Equal(episode.Steps.Count, trajectory.Count);
        Assert.All(trajectory, static item => Assert.True(
            item!["action"] is JsonValue && item["observation"] is JsonValue && item["response"] is JsonValue && item["thought"] is JsonValue
            && item["execution_time"]!.GetValueKind() == System.Text.Json.JsonValueKind.Number && item["query"] is JsonArray && item["extra_info"] is JsonObject));
        Assert.Equal(
            trajectory.Select(static item => ((string)item!["action"]!, (string)item["observation"]!)),
            history.SkipWhile(static item => (string?)item!["role"] == "user").Chunk(2).Select(static pair => ((string)pair[0]!["action"]!, (string)pair[1]!["content"]!)));
        Assert.Equal(episode.Id.ToString(), (string)document["info"]!["rollbook"]!["episode_id"]!);
        Assert.True(document["replay_config"] is null || document["replay_config"]!.GetValueKind() == System.Text.Json.JsonValueKind.String);
        Assert.Equal(System.Text.Json.JsonValueKind.String, document["environment"]!.GetValueKind());
    }, iter: Exported.Episodes);

    [Fact]
    public async Task Traj_OfAnImportedStep_HasItsFieldsInTheirOldPlaces()
    {
        var step = """{"action_type":"open","action_query":"open \"a b\"\n","observation_snapshot":"text","thought":"T","response":"R","duration_ms":250,"extra":{"execution_time":0.250,"state":{"open_file":"n/a"},"query":[{"role":"user"}],"extra_info":{"k":1},"other":2}}""";

        var item = Exported.Object(await Exported.OfStepAsync(ExportFormat.Traj, step))["trajectory"]![0]!;

        Assert.Equal("open \"a b\"\n", (string)item["action"]!);
        Assert.Equal(("0.250", """{"open_file":"n/a"}""", """[{"role":"user"}]"""), (item["execution_time"]!.ToJsonString(), item["state"]!.ToJsonString(), item["query"]!.ToJsonString()));
        Assert.Equal((1, """{"other":2}"""), ((int)item["extra_info"]!["k"]!, item["extra_info"]!["rollbook"]!["extra"]!.ToJsonString()));
    }

    [Theory]
    [InlineData("""{"action_type":"read_file","action_path":"a.py"}""", "read_file a.py")]
    [InlineData("""{"action_type":"search","action_path":"src","action_query":"x"}""", "search src x")]
    [InlineData("""{"action_type":"write_file","action_path":"a","action_content":"l1\nl2"}""", "write_file a\nl1\nl2")]
    [InlineData("""{"action_type":"ls","action_query":"ls -l"}""", "ls -l")]
    [InlineData("""{"action_type":"ls","action_query":"lsof"}""", "ls lsof")]
    [InlineData("""{"action_type":"none","action_query":" "}""", " ")]
    public async Task Traj_OfAnAction_IsOneCommand(string step, string command) =>
        Assert.Equal(command, (string)Exported.Object(await Exported.OfStepAsync(ExportFormat.Traj, step))["trajectory"]![0]!["action"]!);
}

using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Rollbook.Export;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Export;

/// <summary>The format that holds all of it, and the reference's shape.</summary>
public sealed class JsonlTests
{
    [Fact]
    public async Task Jsonl_OfAnyEpisode_HasItsRecordAndItsCanonicalLines() => await Gen.Int.SampleAsync(async seed =>
    {
        var episode = new NastyEpisode(seed);
        var lines = (await Exported.OfAsync(ExportFormat.Jsonl, episode)).Split('\n');

        Assert.Equal("", lines[^1]);
        var record = Exported.Object(lines[0]);
        Assert.Equal(episode.Steps.Count, (int)record["step_count"]!);
        Assert.Equal(episode.Steps.Count + 2, lines.Length);
        Assert.Equal(episode.Scores.Select(static score => score.EventId), record["scores"]!.AsArray().Select(static score => (string)score!["event_id"]!));
        Assert.Equal(episode.Labels, record["labels"]!.AsArray().Select(static label => (string)label!));
        Assert.Equal(Exported.Lines(episode), lines[1..^1].Select(Canonical));
    }, iter: Exported.Episodes);

    [Fact]
    public async Task Jsonl_OfAStep_HasDefaultsAndSaysWhichTheyAre()
    {
        var lines = (await Exported.OfStepAsync(ExportFormat.Jsonl, """{"action_type":"a","reward":1.50,"x":1}""")).Split('\n');

        Assert.Matches(
            """^\{"ordinal":0,"received_at":1763890000.25,"hash":"[0-9a-f]{32}","defaulted":\["step_number","timestamp","cumulative_reward","done","duration_ms","security_flags"\],"step_number":1,"timestamp":1763890000.25,"action_type":"a","reward":1.50,"cumulative_reward":0.0,"done":false,"duration_ms":0.0,"security_flags":\[\],"extra":\{"x":1\}\}$""",
            lines[1]);
    }

    [Fact]
    public async Task Reference_OfAnyEpisode_HasItsKeysAlone() => await Gen.Int.SampleAsync(async seed =>
    {
        var episode = new NastyEpisode(seed);
        var text = await Exported.OfAsync(ExportFormat.Reference, episode);

        Assert.Equal(text.Length - 1, text.IndexOf('\n', StringComparison.Ordinal));
        var trajectory = Exported.Object(text);
        Assert.Equal(
            ["episode_id", "task", "variant_id", "start_time", "end_time", "duration_seconds", "steps", "final_score", "total_steps", "metadata"],
            trajectory.Select(static member => member.Key));
        Assert.Equal(episode.Steps.Count, trajectory["steps"]!.AsArray().Count);
        Assert.All(trajectory["steps"]!.AsArray(), static step => Assert.Equal(15, step!.AsObject().Count));
    }, iter: Exported.Episodes);

    [Theory]
    [InlineData(ExportFormat.Jsonl)]
    [InlineData(ExportFormat.Atif)]
    [InlineData(ExportFormat.Sts)]
    [InlineData(ExportFormat.Traj)]
    [InlineData(ExportFormat.Reference)]
    internal async Task Export_HoweverTheStepsArePaged_IsTheSame(ExportFormat format)
    {
        var episode = new NastyEpisode(7, mostSteps: 50);

        Assert.Equal(await Exported.OfAsync(format, episode, pageSteps: 1), await Exported.OfAsync(format, episode, pageSteps: 1000));
    }

    // Members are cut out of the text, so that those that stay are proved byte for byte.
    private static string Canonical(string line)
    {
        using var document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 512 });
        HashSet<string> left = ["ordinal", "received_at", "hash", "defaulted"];
        if (document.RootElement.TryGetProperty("defaulted", out var defaulted)) left.UnionWith(defaulted.EnumerateArray().Select(static name => name.GetString()!));
        return $"{{{string.Join(',', document.RootElement.EnumerateObject().Where(member => !left.Contains(member.Name)).Select(static member => $"\"{member.Name}\":{member.Value.GetRawText()}"))}}}";
    }
}

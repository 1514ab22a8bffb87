using System.Text.Json.Nodes;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Cli.Tests.Delete;

/// <summary><c>rollbook delete</c> against a recorder in this process.</summary>
public sealed class DeleteCommandTests : IAsyncLifetime
{
    private RealRecorder _recorder = null!;

    public async ValueTask InitializeAsync() => _recorder = await RealRecorder.StartAsync();

    public async ValueTask DisposeAsync() => await _recorder.DisposeAsync();

    [Fact]
    public async Task Delete_WithAFilter_OnlyCountsUntilYesIsSaid()
    {
        var ids = await RecordAsync(3, EpisodeStatus.Aborted);
        var other = await RecordAsync(1, EpisodeStatus.Completed);

        var dry = await _recorder.RunAsync("delete", "--status", "aborted");

        Assert.Equal(0, dry.ExitCode);
        Assert.Contains("3 episodes", dry.Out, StringComparison.Ordinal);
        Assert.Contains("--yes", dry.Out, StringComparison.Ordinal);
        Assert.Equal(4, (await _recorder.RunAsync("ls", "--json")).Lines.Count);

        var run = await _recorder.RunAsync("delete", "--status", "aborted", "--yes");

        Assert.True(run.ExitCode == 0, run.Out + run.Error);
        Assert.Contains("3 episodes", run.Out, StringComparison.Ordinal);
        Assert.Equal(other[0], (string)JsonNode.Parse(Assert.Single((await _recorder.RunAsync("ls", "--json")).Lines))!["episode_id"]!);
        Assert.Equal(4, (await _recorder.RunAsync("show", ids[0])).ExitCode);
    }

    [Fact]
    public async Task Delete_ByIds_NamesWhatStaysAndGivesAReceipt()
    {
        var ids = await RecordAsync(2, EpisodeStatus.Completed);
        Assert.Equal(0, (await _recorder.RunAsync("label", ids[1], "--add", "pinned")).ExitCode);

        var counted = await _recorder.RunAsync("delete", ids[0], ids[1], "--dry-run", "--json");
        Assert.Equal((2, 1), ((int)JsonNode.Parse(counted.Out)!["episodes"]!, (int)JsonNode.Parse(counted.Out)!["pinned"]!));
        var run = await _recorder.RunAsync("delete", ids[0], ids[1]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"{ids[1]} stays (episode_pinned)", run.Out, StringComparison.Ordinal);
        var receipt = run.Lines.Single(static line => line.StartsWith("receipt ", StringComparison.Ordinal))["receipt ".Length..];
        var shown = await _recorder.RunAsync("delete", "--receipt", receipt);
        Assert.Equal(0, shown.ExitCode);
        Assert.Contains("pending", shown.Out, StringComparison.Ordinal);
        Assert.Equal("pending", (string)JsonNode.Parse((await _recorder.RunAsync("delete", "--receipt", receipt, "--json")).Out)!["state"]!);
        Assert.Equal(4, (await _recorder.RunAsync("delete", "--receipt", ids[0])).ExitCode);
        var again = await _recorder.RunAsync("delete", ids[0]);
        Assert.Contains($"{ids[0]} was deleted before", again.Out, StringComparison.Ordinal);
        Assert.Contains("was deleted", (await _recorder.RunAsync("show", ids[0])).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_OfARunningEpisode_NeedsAbortRunning()
    {
        var ids = await RecordAsync(1, EpisodeStatus.Running);

        var refused = await _recorder.RunAsync("delete", ids[0], "--json");
        Assert.Equal((1, "episode_running"), (refused.ExitCode, (string)JsonNode.Parse(refused.Out)!["refused"]![0]!["code"]!));
        Assert.Equal(0, (await _recorder.RunAsync("delete", ids[0], "--abort-running")).ExitCode);
    }

    [Theory]
    [InlineData("by their ids or by filters", "delete")]
    [InlineData("not by both", "delete", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "--task", "t")]
    [InlineData("decide for one", "delete", "--task", "t", "--yes", "--dry-run")]
    [InlineData("'host.0' is no episode's id", "delete", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "host.0")]
    [InlineData("give it alone", "delete", "--receipt", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "--task", "t")]
    public async Task Delete_OfAWrongCommandLine_SaysWhy(string why, params string[] args)
    {
        var run = await _recorder.RunAsync(args);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(why, run.Error, StringComparison.Ordinal);
    }

    private async Task<List<string>> RecordAsync(int count, EpisodeStatus status)
    {
        var ids = new List<string>();
        for (var i = 0; i < count; i++) ids.Add(await _recorder.RecordAsync($"w.{status}.{i}", status));
        return ids;
    }
}

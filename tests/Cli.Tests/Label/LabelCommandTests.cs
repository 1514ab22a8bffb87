using Xunit;

namespace Rollbook.Cli.Tests.Label;

public sealed class LabelCommandTests : IAsyncLifetime
{
    private const string Id = "01HZZZZZZZZZZZZZZZZZZZZZZZ";

    private FakeRecorder _recorder = null!;

    public async ValueTask InitializeAsync()
    {
        _recorder = await FakeRecorder.StartAsync();
        _recorder.Add(Id).Labels.UnionWith(["x", "\u001b[31mred"]);
    }

    public async ValueTask DisposeAsync() => await _recorder.DisposeAsync();

    [Fact]
    public async Task Label_WhenAddingAndRemoving_ShowsTheLabelsThatAreLeft()
    {
        var run = await CliRun.OfAsync(_recorder, "label", "w.0", "--add", "pinned", "--add", "hard", "--remove", "x", "--json");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["\u001b[31mred", "hard", "pinned"], _recorder.Episodes[Id].Labels);
        Assert.EndsWith("""
            "labels":["\u001B[31mred","hard","pinned"]}
            """, run.Out.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Label_WhenNothingIsAsked_ShowsThemHarmlessAndChangesNothing()
    {
        var run = await CliRun.OfAsync(_recorder, "label", Id);

        Assert.Equal($"{Id}  red, x", Assert.Single(run.Lines));
        Assert.DoesNotContain(_recorder.Requests, request => request.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Label_WhenOneIsAddedAndRemoved_IsWrongUsage() =>
        Assert.Equal(2, (await CliRun.OfAsync(_recorder, "label", Id, "--add", "a", "--remove", "a")).ExitCode);
}

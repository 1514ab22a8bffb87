using Xunit;

namespace Rollbook.Cli.Tests.Export;

/// <summary>Connections that break while a file comes.</summary>
public sealed class BrokenExportTests : IAsyncLifetime
{
    private static readonly string[] Ids = ["01HZZZZZZZZZZZZZZZZZZZZZZX", "01HZZZZZZZZZZZZZZZZZZZZZZY", "01HZZZZZZZZZZZZZZZZZZZZZZZ"];

    private readonly TemporaryDirectory _directory = new();
    private FakeRecorder _recorder = null!;

    public async ValueTask InitializeAsync()
    {
        _recorder = await FakeRecorder.StartAsync();
        foreach (var id in Ids)
        {
            _recorder.Add(id);
            _recorder.Exports[id] = $$"""{"trajectory_id":"{{id}}","x":"{{new string('x', 100_000)}}"}""" + "\n";
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _recorder.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Export_WhenAConnectionBreaks_BeginsThatEpisodeAnew()
    {
        _recorder.Faults.Add(new Fault($"episode_id={Ids[1]}") { CutAfter = 70_000, Times = 2 });

        var run = await CliRun.OfAsync(_recorder, ["export", .. Ids, "--format", "atif", "-o", _directory.In("run")]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error.Replace("note: 3 episodes are still running: this is what they had recorded.\n", "", StringComparison.Ordinal)));
        Assert.Equal(string.Concat(Ids.Select(id => _recorder.Exports[id])), await File.ReadAllTextAsync(_directory.In("run")));
        Assert.Equal(5, _recorder.Requests.Count(request => request.Contains("/v1/export", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Export_WhenTheRecorderRefusesOne_KeepsThePartAndSaysHowToGoOn()
    {
        _recorder.Faults.Add(new Fault($"episode_id={Ids[1]}") { Status = 403, Code = "forbidden" });

        var broken = await CliRun.OfAsync(_recorder, ["export", .. Ids, "--format", "atif", "-o", _directory.In("run")]);

        Assert.Equal(1, broken.ExitCode);
        Assert.Contains("1 of 3 episodes are in", broken.Error, StringComparison.Ordinal);
        Assert.Equal(["run.part"], Directory.GetFiles(_directory.Path).Select(Path.GetFileName));
        var resumed = await CliRun.OfAsync(_recorder, ["export", .. Ids, "--format", "atif", "-o", _directory.In("run"), "--resume", "--json"]);
        Assert.Equal(0, resumed.ExitCode);
        Assert.EndsWith("\"kept\":true}", resumed.Lines[0], StringComparison.Ordinal);
        Assert.Equal(string.Concat(Ids.Select(id => _recorder.Exports[id])), await File.ReadAllTextAsync(_directory.In("run")));
    }

    [Fact]
    public async Task Export_WhenTheFirstIsRefused_LeavesNoFile()
    {
        _recorder.Faults.Add(new Fault("/v1/export") { Status = 403, Code = "forbidden" });

        var run = await CliRun.OfAsync(_recorder, "export", Ids[0], "-o", _directory.In("e"));

        Assert.Equal(1, run.ExitCode);
        Assert.Empty(Directory.GetFiles(_directory.Path));
    }
}

using System.Text.Json;
using Xunit;

namespace Rollbook.Cli.Tests.Import;

public sealed class ImportCommandTests : IAsyncLifetime
{
    private const string Good = """{"trajectory":[{"action":"ls\n","observation":"a\u0041"},{"action":"submit","observation":"[red]"}],"info":{"exit_status":"submitted"}}""";

    private readonly TemporaryDirectory _directory = new();
    private FakeRecorder _recorder = null!;

    public async ValueTask InitializeAsync() => _recorder = await FakeRecorder.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _recorder.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Import_WhenOneFileIsBad_NamesItRecordsTheOthersAndExitsWithOne()
    {
        var good = _directory.Write("run/a-1__x.traj", Good);
        var bad = _directory.Write("run/history.traj", """{"history":[]}""");
        _directory.Write("run/notes.txt", "no trajectory");

        var run = await CliRun.OfAsync(_recorder, "import", _directory.Path, "--json");

        Assert.Equal(1, run.ExitCode);
        var episode = Assert.Single(_recorder.Episodes.Values);
        Assert.Equal($$"""{"file":"{{good}}","episode_id":"{{episode.Id}}","steps":2}""", run.Lines[0]);
        using var line = JsonDocument.Parse(run.Lines[1]);
        Assert.Equal(bad, line.RootElement.GetProperty("file").GetString());
        Assert.Contains("trajectory", line.RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, run.Lines.Count);
        Assert.Equal(("a-1__x", "completed", "submitted"), (episode.Worker, episode.Status, episode.EndCause));
        Assert.Equal("""{"action_type":"ls","action_query":"ls\n","observation_snapshot":"a\u0041"}""", episode.Steps[0]);
    }

    [Fact]
    public async Task Import_WhenAllFilesAreGood_ExitsWithZeroAndSaysSo()
    {
        var file = _directory.Write("a-1.traj", Good);

        var run = await CliRun.OfAsync(_recorder, "import", file);

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("1 imported, 2 steps.", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_WhenRepeated_GivesTheSameEpisodeAndNoDouble()
    {
        var file = _directory.Write("a-1.traj", Good);

        var first = await CliRun.OfAsync(_recorder, "import", file, "--json");
        var second = await CliRun.OfAsync(_recorder, "import", file, "--json");

        Assert.Equal((0, first.Out), (second.ExitCode, second.Out));
        Assert.Equal(2, Assert.Single(_recorder.Episodes.Values).Steps.Count);
        Assert.Single(_recorder.Appends);
    }

    [Fact]
    public async Task Import_WhenContentOrVariantDiffers_IsAnotherEpisode()
    {
        var file = _directory.Write("a-1.traj", Good);
        await CliRun.OfAsync(_recorder, "import", file);
        await CliRun.OfAsync(_recorder, "import", file, "--variant", "v2");
        _directory.Write("a-1.traj", Good.Replace("ls", "cat", StringComparison.Ordinal));
        await CliRun.OfAsync(_recorder, "import", file);

        Assert.Equal(3, _recorder.Episodes.Count);
    }

    [Theory]
    [InlineData("running", 1)]
    [InlineData("lost", 1)]
    [InlineData("superseded", 2)]
    [InlineData("aborted", 2)]
    public async Task Import_WhenAnEarlierOneWasCutOff_CompletesIt(string status, int episodes)
    {
        var file = _directory.Write("a-1.traj", Good);
        await CliRun.OfAsync(_recorder, "import", file);
        var cut = Assert.Single(_recorder.Episodes.Values);
        cut.Steps.RemoveAt(1);
        cut.Status = status;

        var run = await CliRun.OfAsync(_recorder, "import", file, "--json");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(episodes, _recorder.Episodes.Count);
        var last = _recorder.Episodes.Values.Last();
        Assert.Equal(("completed", 2), (last.Status, last.Steps.Count));
        Assert.Contains(last.Id, run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_WhenTheRecorderRefusesForGood_AbortsTheEpisodeWithTheReason()
    {
        var file = _directory.Write("a-1.traj", Good);
        _recorder.Faults.Add(new Fault("/steps?from") { Status = 409, Code = "damaged" });

        var run = await CliRun.OfAsync(_recorder, "import", file, "--json");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("the fake says damaged (damaged)", run.Out, StringComparison.Ordinal);
        var episode = Assert.Single(_recorder.Episodes.Values);
        Assert.Equal(("aborted", "import failed: damaged"), (episode.Status, episode.EndCause));
    }

    [Fact]
    public async Task Import_WhenAnswersAreLost_RecordsEachStepOnce()
    {
        var file = _directory.Write("a-1.traj", Good);
        _recorder.Faults.Add(new Fault("/a-1/episodes") { AfterEffect = true });
        _recorder.Faults.Add(new Fault("/steps?from") { AfterEffect = true });
        _recorder.Faults.Add(new Fault("/end") { AfterEffect = true });

        var run = await CliRun.OfAsync(_recorder, "import", file);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(2, Assert.Single(_recorder.Episodes.Values).Steps.Count);
        Assert.All(_recorder.Faults, fault => Assert.Equal(0, fault.Times));
    }

    [Fact]
    public async Task Import_WhenAFileHasManySteps_SendsBatchesOfAtMost256StepsAnd4MiB()
    {
        var small = string.Join(',', Enumerable.Range(0, 600).Select(i => $$"""{"action":"a {{i}}"}"""));
        var large = string.Join(',', Enumerable.Range(0, 5).Select(_ => $$"""{"observation":"{{new string('x', 3 << 19)}}"}"""));
        var file = _directory.Write("a-1.traj", $$"""{"trajectory":[{{small}},{{large}}]}""");

        var run = await CliRun.OfAsync(_recorder, "import", file);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(605, Assert.Single(_recorder.Episodes.Values).Steps.Count);
        Assert.All(_recorder.Appends, body => Assert.InRange(body.Length, 1, 4 << 20));
        Assert.All(_recorder.Appends, body => Assert.InRange(body.Count(c => c == '\n'), 1, 256));
        Assert.Equal([256, 256, 90, 2, 1], _recorder.Appends.Select(body => body.Count(c => c == '\n')));
    }

    [Fact]
    public async Task Import_WhenNothingListens_ExitsWithThree()
    {
        var file = _directory.Write("a-1.traj", Good);
        await _recorder.DisposeAsync();

        var run = await CliRun.OfAsync(new Dictionary<string, string>(), "import", file, "--url", "http://127.0.0.1:1/", "--json");

        Assert.Equal(3, run.ExitCode);
        Assert.StartsWith("""{"code":"unreachable","error":""", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_WhenAFileIsMissing_NamesItAndGoesOn()
    {
        var file = _directory.Write("a-1.traj", Good);

        var run = await CliRun.OfAsync(_recorder, "import", _directory.In("gone.traj"), file);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("gone.traj: there is no such file.", run.Out, StringComparison.Ordinal);
        Assert.Contains("1 imported, 2 steps; 1 skipped.", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_WhenADirectoryHasNoTrajectory_ExitsWithFour() =>
        Assert.Equal(4, (await CliRun.OfAsync(_recorder, "import", _directory.Path)).ExitCode);
}

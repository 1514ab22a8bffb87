using System.Text.Json.Nodes;
using Xunit;

namespace Rollbook.Cli.Tests.Spool;

public sealed class SpoolImportTests : IAsyncLifetime
{
    private const string A = "01HZZZZZZZZZZZZZZZZZZZZZZA";
    private const string B = "01HZZZZZZZZZZZZZZZZZZZZZZB";
    private const string Odd = """{"action_type":"a","observation_snapshot":{"x":1e400,"y":"\u00e9 \"},"}}""";

    private readonly TemporaryDirectory _directory = new();
    private FakeRecorder _recorder = null!;

    public async ValueTask InitializeAsync() => _recorder = await FakeRecorder.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _recorder.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Spool_WhenAllIsTaken_SendsInOrderByteForByteAndDeletesTheFiles()
    {
        // "B" is started in the second file only, whose name is the later one.
        _directory.Write("02.spool", SpoolFiles.Text(SpoolFiles.Start(B), SpoolFiles.Steps(B, 0, """{"action_type":"b"}"""), SpoolFiles.End(B, 1)));
        _directory.Write("01.spool", SpoolFiles.Text(
            SpoolFiles.Start(A), SpoolFiles.Steps(A, 0, Odd), SpoolFiles.Steps(A, 1, """{"action_type":"b"}""", """{"action_type":"c"}"""), SpoolFiles.End(A, 3),
            $$$"""{"do":"score","episode_id":"{{{A}}}","body":{"event_id":"e","name":"final","value":0.50,"source":"t"}}""",
            $$$"""{"do":"label","episode_id":"{{{A}}}","body":{"event_id":"l","add":["pinned"],"remove":[]}}"""));

        var run = await CliRun.OfAsync(_recorder, "import", "--spool", _directory.Path, "--json");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Empty(Directory.GetFiles(_directory.Path));
        var episode = _recorder.Episodes[A];
        Assert.Equal([Odd, """{"action_type":"b"}""", """{"action_type":"c"}"""], episode.Steps);
        Assert.Equal(("completed", "submitted", "w.0"), (episode.Status, episode.EndCause, episode.Worker));
        Assert.Equal("""{"event_id":"e","name":"final","value":0.50,"source":"t"}""", Assert.Single(episode.Scores));
        Assert.Equal(["pinned"], episode.Labels);
        Assert.Equal(["01.spool", "02.spool"], run.Lines.Select(line => Path.GetFileName((string?)JsonNode.Parse(line)!["file"])));
    }

    [Fact]
    public async Task Spool_WhenTheLastRecordIsTorn_CutsItAndSaysSo()
    {
        var whole = SpoolFiles.Text(SpoolFiles.Start(A), SpoolFiles.Steps(A, 0, Odd));
        var file = _directory.Write("01.spool", whole + SpoolFiles.Line(SpoolFiles.End(A, 1))[..^1]);

        var run = await CliRun.OfAsync(_recorder, "import", "--spool", file, "--json");

        Assert.Equal(0, run.ExitCode);
        Assert.False(File.Exists(file));
        Assert.Equal(("running", 1), (_recorder.Episodes[A].Status, _recorder.Episodes[A].Steps.Count));
        Assert.Equal(SpoolFiles.Line(SpoolFiles.End(A, 1)).Length - 1, (int)JsonNode.Parse(run.Out)!["torn_bytes"]!);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("00000000 {\"do\":\"end\"}")]
    [InlineData("")]
    public async Task Spool_WhenALineInTheMiddleIsDamaged_NamesItSendsTheRestAndKeepsItsBytes(string bad)
    {
        var file = _directory.Write("01.spool", SpoolFiles.Line(SpoolFiles.Start(A)) + bad + "\n" + SpoolFiles.Text(SpoolFiles.Steps(A, 0, Odd), SpoolFiles.End(A, 1)));

        var run = await CliRun.OfAsync(_recorder, "import", "--spool", file);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"{file}:2: damaged: ", run.Out, StringComparison.Ordinal);
        Assert.Equal("completed", _recorder.Episodes[A].Status);
        Assert.False(File.Exists(file));
        var kept = JsonNode.Parse((await File.ReadAllTextAsync(_directory.In("01.refused")))[9..])!;
        Assert.Equal(bad, System.Text.Encoding.UTF8.GetString(Convert.FromBase64String((string)kept["base64"]!)));
    }

    [Fact]
    public async Task Spool_WhenARecordIsRefused_KeepsItWithTheReasonAndItCanBeSentAgain()
    {
        var file = _directory.Write("01.spool", SpoolFiles.Text(SpoolFiles.Steps(A, 0, Odd), SpoolFiles.Start(B), SpoolFiles.End(B, 0)));

        var run = await CliRun.OfAsync(_recorder, "import", "--spool", file, "--json");

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("completed", _recorder.Episodes[B].Status);
        Assert.False(File.Exists(file));
        var refused = _directory.In("01.refused");
        Assert.Equal("episode_not_found", (string?)JsonNode.Parse((await File.ReadAllTextAsync(refused))[9..])!["refused"]!["code"]);
        Assert.Equal("episode_not_found", (string?)JsonNode.Parse(run.Lines[0])!["code"]);

        _recorder.Add(A);
        var again = await CliRun.OfAsync(_recorder, "import", "--spool", refused);

        Assert.Equal(0, again.ExitCode);
        Assert.Equal(Odd, Assert.Single(_recorder.Episodes[A].Steps));
        Assert.Empty(Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public async Task Spool_WhenOneStepIsRefusedForWhatItIs_KeepsItAloneAndTheOthersMoveUp()
    {
        // The recorder takes no step that says "bad".
        _recorder.RefusesSteps = "bad";
        var file = _directory.Write("01.spool", SpoolFiles.Text(
            SpoolFiles.Start(A), SpoolFiles.Steps(A, 0, Odd, """{"action_type":"bad"}""", """{"action_type":"c"}"""), SpoolFiles.Steps(A, 3, """{"action_type":"bad","n":1.50}"""),
            SpoolFiles.Steps(A, 4, """{"action_type":"d"}"""), SpoolFiles.End(A, 5)));

        var run = await CliRun.OfAsync(_recorder, "import", "--spool", file);

        Assert.Equal(1, run.ExitCode);
        Assert.Equal([Odd, """{"action_type":"c"}""", """{"action_type":"d"}"""], _recorder.Episodes[A].Steps);
        Assert.Equal(("completed", 3), (_recorder.Episodes[A].Status, (int)JsonNode.Parse(_recorder.Episodes[A].EndBody!)!["next_ordinal"]!));
        var kept = File.ReadAllLines(_directory.In("01.refused")).Select(line => line[9..]).ToList();
        Assert.Equal(2, kept.Count);
        Assert.StartsWith($$$"""{"do":"steps","episode_id":"{{{A}}}","writer_epoch":1,"from":1,"steps":[{"action_type":"bad"}],"refused":{"code":"bad_json",""", kept[0], StringComparison.Ordinal);
        Assert.Contains("""[{"action_type":"bad","n":1.50}]""", kept[1], StringComparison.Ordinal);
        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task Spool_WhenALiveProcessHoldsTheFile_LeavesItAndNamesIt()
    {
        var file = _directory.Write("01.spool", SpoolFiles.Text(SpoolFiles.Start(A)));
        using var held = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);

        var run = await CliRun.OfAsync(_recorder, "import", "--spool", _directory.Path, "--json");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal((file, "held"), ((string?)JsonNode.Parse(run.Out)!["file"], (string?)JsonNode.Parse(run.Out)!["status"]));
        Assert.True(File.Exists(file));
        Assert.Empty(_recorder.Episodes);
    }

    [Fact]
    public async Task Spool_WhenAnswersAreLost_RecordsEachStepOnce()
    {
        foreach (var path in new[] { "/episodes", "/steps?from", "/end" })
            _recorder.Faults.Add(new Fault(path) { AfterEffect = true });
        var file = _directory.Write("01.spool", SpoolFiles.Text(SpoolFiles.Start(A), SpoolFiles.Steps(A, 0, Odd), SpoolFiles.End(A, 1)));

        var run = await CliRun.OfAsync(_recorder, "import", "--spool", file);

        Assert.Equal(0, run.ExitCode);
        Assert.Single(_recorder.Episodes[A].Steps);
        Assert.All(_recorder.Faults, fault => Assert.Equal(0, fault.Times));
    }

    [Theory]
    [InlineData(404, null, 1)]
    [InlineData(401, "unauthorized", 1)]
    [InlineData(404, "not_found", 1)]
    public async Task Spool_WhenTheAnswerIsNoRefusalOfTheRecord_KeepsTheFileAsItIs(int status, string? code, int exitCode)
    {
        _recorder.Faults.Add(new Fault("/steps?from") { Status = status, Code = code });
        var text = SpoolFiles.Text(SpoolFiles.Start(A), SpoolFiles.Steps(A, 0, Odd), SpoolFiles.End(A, 1));
        var file = _directory.Write("01.spool", text);

        var run = await CliRun.OfAsync(_recorder, "import", "--spool", file);

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Equal(text, await File.ReadAllTextAsync(file));
        Assert.Equal([file], Directory.GetFiles(_directory.Path));
        Assert.Equal(0, (await CliRun.OfAsync(_recorder, "import", "--spool", file)).ExitCode);
    }

    [Fact]
    public async Task Spool_WhenTheWorkerIsBusy_KeepsTheFileAndGoesOnWithTheNext()
    {
        _recorder.WorkersAreBusy = true;
        _recorder.Add(B);
        var busy = _directory.Write("01.spool", SpoolFiles.Text(SpoolFiles.Start(A)));
        _directory.Write("02.spool", SpoolFiles.Text(SpoolFiles.Steps(B, 0, Odd)));

        var run = await CliRun.OfAsync(_recorder, "import", "--spool", _directory.Path);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("worker_busy", run.Out, StringComparison.Ordinal);
        Assert.Single(_recorder.Episodes[B].Steps);
        Assert.Equal([busy], Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public async Task Spool_WhenTheEpisodeWasLostMeanwhile_ResumesItAndGoesOnUnderTheNewEpoch()
    {
        _recorder.Add(A, Odd).Status = "lost";
        var file = _directory.Write("01.spool", SpoolFiles.Text(SpoolFiles.Steps(A, 1, """{"action_type":"b"}"""), SpoolFiles.End(A, 2)));

        var run = await CliRun.OfAsync(_recorder, "import", "--spool", file);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(("completed", 2), (_recorder.Episodes[A].Status, _recorder.Episodes[A].Steps.Count));
        Assert.Equal(2, (long?)JsonNode.Parse(_recorder.Episodes[A].EndBody!)!["writer_epoch"]);
        Assert.Equal(1, _recorder.Requests.Count(request => request.EndsWith("/resume", StringComparison.Ordinal)));
        Assert.Empty(Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public async Task Spool_WhenNoPathIsGiven_TakesTheDirectoryOfTheEnvironment()
    {
        _directory.Write("01.spool", SpoolFiles.Text(SpoolFiles.Start(A)));
        var variables = new Dictionary<string, string> { ["ROLLBOOK_URL"] = _recorder.Address.ToString(), ["ROLLBOOK_SPOOL"] = _directory.Path };

        Assert.Equal(0, (await CliRun.OfAsync(variables, "import", "--spool")).ExitCode);

        Assert.Single(_recorder.Episodes);
        Assert.Equal(2, (await CliRun.OfAsync(_recorder, "import", "--spool")).ExitCode);
        Assert.Equal(4, (await CliRun.OfAsync(_recorder, "import", "--spool", _directory.In("gone"))).ExitCode);
    }
}

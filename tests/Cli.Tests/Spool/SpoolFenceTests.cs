using System.Text.Json.Nodes;
using Xunit;

namespace Rollbook.Cli.Tests.Spool;

/// <summary>A spool that comes late writes into no episode that another writer has taken over; and one that is sent anew is not fenced by its own sender.</summary>
public sealed class SpoolFenceTests : IAsyncLifetime
{
    private const string A = "01HZZZZZZZZZZZZZZZZZZZZZZA";
    private const string B = "01HZZZZZZZZZZZZZZZZZZZZZZB";
    private const string First = """{"action_type":"a"}""";
    private const string Second = """{"action_type":"b"}""";

    private readonly TemporaryDirectory _directory = new();
    private FakeRecorder _recorder = null!;

    public async ValueTask InitializeAsync() => _recorder = await FakeRecorder.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _recorder.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Spool_WhenAnotherWriterHasTakenTheEpisodeOver_WritesNothingIntoItAndKeepsTheRecords()
    {
        _recorder.Add(A, First).WriterEpoch = 2;
        var file = _directory.Write("01.spool", SpoolFiles.Text(SpoolFiles.Steps(A, 1, Second), SpoolFiles.End(A, 2), SpoolFiles.Start(B), SpoolFiles.Steps(B, 0, First)));

        var run = await CliRun.OfAsync(_recorder, "import", "--spool", file);

        Assert.Equal(1, run.ExitCode);
        Assert.Equal(("running", First), (_recorder.Episodes[A].Status, Assert.Single(_recorder.Episodes[A].Steps)));
        Assert.Single(_recorder.Episodes[B].Steps);
        var refused = _directory.In("01.refused");
        Assert.Equal([refused], Directory.GetFiles(_directory.Path));
        Assert.Equal(["steps writer_fenced", "end writer_fenced"], Kept(refused));
        Assert.Contains("(writer_fenced)", run.Out, StringComparison.Ordinal);
        Assert.Contains($"rollbook import --spool {refused} sends them again", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Spool_WhenTheStartHadArrivedAndTheEpisodeIsAnothersByNow_GoesByTheRecordNotByTheAnswerToTheStart()
    {
        var text = SpoolFiles.Text(SpoolFiles.Start(A), SpoolFiles.Steps(A, 0, First), SpoolFiles.End(A, 1));
        _recorder.Faults.Add(new Fault("/steps?from") { Status = 404 });
        Assert.Equal(1, (await CliRun.OfAsync(_recorder, "import", "--spool", _directory.Write("01.spool", text))).ExitCode);
        _recorder.Episodes[A].WriterEpoch = 2;

        await CliRun.OfAsync(_recorder, "import", "--spool", _directory.In("01.spool"));

        Assert.Empty(_recorder.Episodes[A].Steps);
        Assert.Equal(["steps writer_fenced", "end writer_fenced"], Kept(_directory.In("01.refused")));
        Assert.False(File.Exists(_directory.In("01.spool")));
    }

    [Fact]
    public async Task Spool_WhenItsSenderStopsAfterReOpeningALostEpisode_IsSentWholeByTheNext()
    {
        _recorder.Add(A, First).Status = "lost";
        _recorder.Faults.Add(new Fault("/end") { Status = 404 });
        var file = _directory.Write("01.spool", SpoolFiles.Text(SpoolFiles.Steps(A, 1, Second), SpoolFiles.End(A, 2)));

        Assert.Equal(1, (await CliRun.OfAsync(_recorder, "import", "--spool", file)).ExitCode);
        Assert.Equal((2, true), (_recorder.Episodes[A].WriterEpoch, File.Exists(_directory.In("01.reopened"))));
        var again = await CliRun.OfAsync(_recorder, "import", "--spool", file);

        Assert.Equal(0, again.ExitCode);
        Assert.Equal(("completed", 2), (_recorder.Episodes[A].Status, _recorder.Episodes[A].Steps.Count));
        Assert.Empty(Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public async Task Spool_WhenThePythonClientReOpenedTheEpisode_GoesOnUnderThatEpoch()
    {
        _recorder.Add(A, First).WriterEpoch = 3;
        var file = _directory.Write("01.spool", SpoolFiles.Text(SpoolFiles.Steps(A, 1, Second), SpoolFiles.End(A, 2)));
        _directory.Write("01.reopened", SpoolFiles.Text($$"""{"episode_id":"{{A}}","writer_epoch":2}""", $$"""{"episode_id":"{{A}}","writer_epoch":3,"more":[]}""") + "deadbeef {\"torn");

        Assert.Equal(0, (await CliRun.OfAsync(_recorder, "import", "--spool", file)).ExitCode);

        Assert.Equal(("completed", 2), (_recorder.Episodes[A].Status, _recorder.Episodes[A].Steps.Count));
        Assert.Empty(Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public async Task Spool_WhenAnotherResumesTheLostEpisodeAtTheSameMoment_WritesNothingIntoIt()
    {
        // Lost, taken over, and lost again, between the answer to the steps and our own resumption.
        var episode = _recorder.Add(A, First);
        episode.Status = "lost";
        _recorder.Resuming = () => episode.WriterEpoch++;
        var file = _directory.Write("01.spool", SpoolFiles.Text(SpoolFiles.Steps(A, 1, Second)));

        Assert.Equal(1, (await CliRun.OfAsync(_recorder, "import", "--spool", file)).ExitCode);

        Assert.Single(episode.Steps);
        Assert.Equal(["steps episode_ended"], Kept(_directory.In("01.refused")));
    }

    private static IEnumerable<string> Kept(string file) => File.ReadLines(file).Select(line =>
    {
        var record = JsonNode.Parse(line[9..])!;
        return $"{record["do"]} {record["refused"]!["code"]}";
    });
}

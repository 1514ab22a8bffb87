using Rollbook.Archive;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Cli.Tests.Export;

/// <summary>Exports of what filters find, against the recorder itself.</summary>
public sealed class FilteredExportTests(RecorderWithEpisodes fixture) : IClassFixture<RecorderWithEpisodes>, IDisposable
{
    private readonly TempDirectory _files = new();
    private readonly IReadOnlyList<NastyEpisode> _episodes = fixture.Episodes;
    private readonly RealRecorder _recorder = fixture.Recorder;

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Export_OfAll_IsWhatTheRecorderGives()
    {
        var expected = await _recorder.GetAsync("/v1/export?format=jsonl");

        var toOutput = await _recorder.RunAsync("export", "--all", "--format", "jsonl");
        var toFile = await _recorder.RunAsync("export", "--all", "--format", "jsonl", "-o", In("all.jsonl"), "--json");

        Assert.Equal(await _recorder.GetAsync($"/v1/export?format=jsonl&episode_id={string.Join(',', _episodes.Select(episode => episode.Id))}"), expected);
        Assert.Equal((0, expected), (toOutput.ExitCode, toOutput.Out));
        Assert.Equal((0, expected, 6), (toFile.ExitCode, await File.ReadAllTextAsync(In("all.jsonl")), toFile.Lines.Count));
    }

    [Fact]
    public async Task Export_ByFilters_HasThoseThatFitAll()
    {
        var ended = _episodes.Where(static episode => episode.Status is EpisodeStatus.Completed or EpisodeStatus.Running).ToList();

        var run = await _recorder.RunAsync("export", "--status", "completed", "--status", "running", "--since", "2025-01-01", "-o", In("out") + "/");
        var none = await _recorder.RunAsync("export", "--task", "nothing", "-o", In("none"));

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(ended.Select(static episode => episode.Id + ".json"), Files("out"));
        var noTables = await _recorder.RunAsync("export", "--task", "nothing", "--format", "parquet", "-o", In("none"));
        Assert.Equal((4, 4), (none.ExitCode, noTables.ExitCode));
        Assert.Contains("rollbook ls", none.Error, StringComparison.Ordinal);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task Export_ByFilters_ResumesBehindTheLastWholeEpisode()
    {
        var whole = await _recorder.GetAsync("/v1/export?format=atif");
        await File.WriteAllTextAsync(In("run.part"), whole[..(whole.Length / 2)]);

        var run = await _recorder.RunAsync("export", "--all", "--format", "atif", "-o", In("run"), "--resume");

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(whole, await File.ReadAllTextAsync(In("run")));
    }

    [Fact]
    public async Task Export_AsParquet_WritesATableAFileAndResumeLeavesThemAlone()
    {
        var run = await _recorder.RunAsync("export", "--all", "--format", "parquet", "-o", In("tables"), "--json");

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(["episodes.parquet", "scores.parquet", "steps.parquet"], Files("tables"));
        Assert.Equal(3, run.Lines.Count);
        await using (var file = File.OpenRead(In("tables/steps.parquet")))
        {
            using var steps = new StepPackReader(file, "steps");
            Assert.Equal(_episodes.Sum(static episode => episode.Steps.Count), steps.Rows);
        }

        File.Delete(In("tables/scores.parquet"));
        await File.WriteAllTextAsync(In("tables/steps.parquet"), "mine");
        var refused = await _recorder.RunAsync("export", "--all", "--format", "parquet", "-o", In("tables"));
        var resumed = await _recorder.RunAsync("export", "--all", "--format", "parquet", "-o", In("tables"), "--resume");

        Assert.Equal((1, 0), (refused.ExitCode, resumed.ExitCode));
        Assert.Equal(["episodes.parquet", "scores.parquet", "steps.parquet"], Files("tables"));
        Assert.Equal("mine", await File.ReadAllTextAsync(In("tables/steps.parquet")));
    }

    [Fact]
    public async Task Export_OfNamedOnesAsParquet_HasThose()
    {
        var run = await _recorder.RunAsync("export", _episodes[1].Id.ToString(), _episodes[3].Worker, "--format", "parquet", "-o", In("tables"));

        Assert.True(run.ExitCode == 0, run.Error);
        await using var file = File.OpenRead(In("tables/episodes.parquet"));
        using var rows = new EpisodePackReader(file, "episodes", "default");
        Assert.Equal([_episodes[1].Id, _episodes[3].Id], rows.ReadAll().Select(static row => row.Record.Key.Id));
    }

    [Theory]
    [InlineData("export", "x", "--all")]
    [InlineData("export", "x", "--task", "t")]
    [InlineData("export", "--all", "--format", "parquet")]
    public async Task Export_WithAWrongCommandLine_SaysSo(params string[] args)
    {
        var run = await _recorder.RunAsync(args);

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("error: ", run.Error, StringComparison.Ordinal);
    }

    private string In(string name) => Path.Combine(_files.Path, name);

    private string[] Files(string directory = "") =>
        [.. Directory.GetFiles(Path.Combine(_files.Path, directory)).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
}

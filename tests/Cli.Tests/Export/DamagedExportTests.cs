using System.IO.Compression;
using System.Text.Json.Nodes;
using Rollbook.Archive;
using Rollbook.Cli.Tests.Verify;
using Rollbook.Export;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Cli.Tests.Export;

/// <summary>A bit flips in a file of the archive: every export has all that it does not concern, and says what it lacks, why, and what helps.</summary>
public sealed class DamagedExportTests : IAsyncLifetime
{
    private readonly TempDirectory _files = new();
    private readonly Dictionary<string, string> _whole = [];
    private readonly List<string> _damaged = [];
    private RecordedDirectory _directory = null!;
    private RealRecorder _recorder = null!;
    private string _flipped = null!;

    private string Expected => string.Concat(_whole.OrderBy(static each => each.Key, StringComparer.Ordinal).Select(static each => each.Value));

    public async ValueTask InitializeAsync()
    {
        _directory = await RecordedDirectory.MakeAsync();
        var file = RecordedDirectory.ArchiveFiles(_directory.Path).First(static file => file.Contains("/steps/date=", StringComparison.Ordinal));
        RecordedDirectory.Flip(file, new FileInfo(file).Length / 3, 4);
        _flipped = Path.GetRelativePath(Path.Combine(_directory.Path, "archive"), file);
        _recorder = await RealRecorder.StartAsync(_directory.Path, new Dictionary<string, string?>());
        foreach (var id in _directory.Episodes)
        {
            // One by one: each is whole, or refused.
            var (status, body) = await AnswerAsync($"/v1/export?format=jsonl&episode_id={id}");
            Assert.Equal(body is null ? 409 : 200, status);
            if (body is null) _damaged.Add(id);
            else _whole[id] = body;
        }

        Assert.NotEmpty(_damaged);
        Assert.NotEmpty(_whole);
    }

    public async ValueTask DisposeAsync()
    {
        await _recorder.DisposeAsync();
        _directory.Dispose();
        _files.Dispose();
    }

    [Fact]
    public async Task Export_OfAll_HasTheOthersAndNamesTheDamagedFileAndTheCure()
    {
        var toFile = await _recorder.RunAsync("export", "--all", "--format", "jsonl", "-o", In("all.jsonl"), "--json");
        var toOutput = await _recorder.RunAsync("export", "--all", "--format", "jsonl");
        var toDirectory = await _recorder.RunAsync("export", "--all", "--format", "jsonl", "-o", In("each") + "/");

        AssertTold(toFile);
        Assert.Equal((Expected, _whole.Count), (await File.ReadAllTextAsync(In("all.jsonl")), toFile.Lines.Count));
        AssertTold(toOutput);
        Assert.Equal(Expected, toOutput.Out);
        AssertTold(toDirectory);
        Assert.Equal(_whole.Keys.Order(StringComparer.Ordinal).Select(static id => id + ".jsonl"), Directory.GetFiles(In("each")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Export_OfDamagedOnesAlone_LeavesNoFile()
    {
        var run = await _recorder.RunAsync(["export", .. _damaged, "--format", "jsonl", "-o", In("none.jsonl")]);

        AssertTold(run);
        Assert.Empty(Directory.GetFiles(_files.Path));
    }

    [Fact]
    public async Task Export_WithResume_CountsAsThereOnlyWhatIs()
    {
        await File.WriteAllTextAsync(In("part.jsonl.part"), Expected[..(Expected.Length * 2 / 3)]);

        var broken = await _recorder.RunAsync("export", "--all", "--format", "jsonl", "-o", In("part.jsonl"), "--resume", "--json");
        var again = await _recorder.RunAsync("export", "--all", "--format", "jsonl", "-o", In("part.jsonl"), "--resume", "--json");

        foreach (var run in new[] { broken, again })
        {
            Assert.Equal((1, _whole.Count), (run.ExitCode, run.Lines.Count));
            foreach (var id in _damaged) Assert.Contains(id, run.Error, StringComparison.Ordinal);
        }

        Assert.Equal(Expected, await File.ReadAllTextAsync(In("part.jsonl")));
    }

    [Fact]
    public async Task Export_AsArchiveAndAsTables_SaysInThemWhatIsNotThere()
    {
        var archive = await _recorder.RunAsync("export", "--all", "--format", "traj", "-o", In("all.zip"));
        var tables = await _recorder.RunAsync("export", "--all", "--format", "parquet", "-o", In("tables"));

        AssertTold(archive);
        await using (var zip = await ZipFile.OpenReadAsync(In("all.zip"), TestContext.Current.CancellationToken))
            Assert.Equal(_whole.Keys.Select(static id => id + ".traj").Append(LeftOut.FileName).Order(StringComparer.Ordinal), zip.Entries.Select(static entry => entry.FullName).Order(StringComparer.Ordinal));
        AssertTold(tables);
        await using var file = File.OpenRead(In("tables/steps.parquet"));
        using var steps = new StepPackReader(file, "steps");
        Assert.Equal(_whole.Where(static each => each.Value.Count(static letter => letter == '\n') > 1).Select(static each => each.Key).Order(StringComparer.Ordinal), steps.ReadAll().Select(static step => step.Episode.ToString()).Distinct().Order(StringComparer.Ordinal));
        await using var rows = File.OpenRead(In("tables/episodes.parquet"));
        using var episodes = new EpisodePackReader(rows, "episodes", "default");
        Assert.Equal(_directory.Episodes.Count, episodes.ReadAll().Count());
    }

    [Fact]
    public async Task Export_OfADamagedOneAsTables_WritesAllAndTellsOfItAgainAsOfThatTime()
    {
        string[] export = ["export", _damaged[0], "--format", "parquet", "-o", In("one")];
        var first = await _recorder.RunAsync(export);
        var again = await _recorder.RunAsync([.. export, "--resume"]);

        Assert.True(first.ExitCode == 1, $"{first.ExitCode}: {first.Out}{first.Error}");
        Assert.Contains(_flipped, first.Error, StringComparison.Ordinal);
        Assert.Equal(["episodes.parquet", "scores.parquet", "steps.parquet"], Directory.GetFiles(In("one")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        await using var rows = File.OpenRead(In("one/episodes.parquet"));
        using var episodes = new EpisodePackReader(rows, "episodes", "default");
        Assert.Single(episodes.ReadAll());
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("it was damaged then. Give --force", again.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(_flipped, again.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("all others are exported", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_OfWhatIsOnlyTheNote_ImportsNothingAndSaysSo()
    {
        var whole = await _recorder.GetAsync("/v1/export?format=jsonl");
        await using var other = await RealRecorder.StartAsync();
        await File.WriteAllTextAsync(In("note.jsonl"), whole[Expected.Length..]);

        var run = await other.RunAsync("import", In("note.jsonl"));

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("it has no episode", run.Out, StringComparison.Ordinal);
        Assert.Contains("0 imported", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_OverHttp_EndsWithALineThatAnImportPassesOver()
    {
        var body = await _recorder.GetAsync("/v1/export?format=jsonl");

        Assert.StartsWith(Expected, body, StringComparison.Ordinal);
        var note = JsonNode.Parse(body[Expected.Length..])!["left_out"]!.AsArray();
        Assert.Equal(_damaged.Order(StringComparer.Ordinal), note.Select(static each => (string)each!["episode_id"]!));
        Assert.All(note, each => Assert.Contains(_flipped, (string)each!["detail"]!, StringComparison.Ordinal));
        await using var other = await RealRecorder.StartAsync();
        foreach (var format in new[] { "jsonl", "atif" })
        {
            await File.WriteAllTextAsync(In(format), await _recorder.GetAsync($"/v1/export?format={format}"));
            var run = await other.RunAsync("import", In(format));
            Assert.True(run.ExitCode == 0, run.Error);
        }
    }

    // A recorder that still starts says that it is unavailable.
    private async Task<(int Status, string? Body)> AnswerAsync(string path)
    {
        for (var tries = 0; ; tries++)
        {
            var answer = await _recorder.TryGetAsync(path);
            if (answer.Status != 503) return answer;
            Assert.True(tries < 600, $"{path} stayed unavailable.");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private void AssertTold(CliRun run)
    {
        Assert.True(run.ExitCode == 1, $"{run.ExitCode}: {run.Out}{run.Error}");
        foreach (var id in _damaged) Assert.Contains(id, run.Error, StringComparison.Ordinal);
        Assert.Contains(_flipped, run.Error, StringComparison.Ordinal);
        Assert.Contains("rollbook verify", run.Error, StringComparison.Ordinal);
    }

    private string In(string name) => Path.Combine(_files.Path, name);
}

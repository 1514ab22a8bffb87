using System.IO.Compression;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Cli.Tests.Export;

/// <summary>The program against the recorder itself: which episodes, which files, what is there already.</summary>
public sealed class ExportCommandTests(RecorderWithEpisodes fixture) : IClassFixture<RecorderWithEpisodes>, IDisposable
{
    private readonly TempDirectory _files = new();
    private readonly IReadOnlyList<NastyEpisode> _episodes = fixture.Episodes;
    private readonly RealRecorder _recorder = fixture.Recorder;

    public void Dispose() => _files.Dispose();

    private string[] Ids => [.. _episodes.Select(episode => episode.Id.ToString())];

    [Theory]
    [InlineData("reference")]
    [InlineData("jsonl")]
    [InlineData("atif")]
    [InlineData("sts")]
    [InlineData("traj")]
    public async Task Export_OfOneEpisode_WritesWhatTheRecorderGives(string format)
    {
        var expected = await _recorder.GetAsync($"/v1/export?format={format}&episode_id={Ids[0]}");
        var file = In("e");

        var toFile = await _recorder.RunAsync("export", Ids[0], "--format", format, "-o", file, "--json");
        var toOutput = await _recorder.RunAsync("export", Ids[0], "--format", format);

        Assert.Equal((0, 0), (toFile.ExitCode, toOutput.ExitCode));
        Assert.Equal((expected, expected), (await File.ReadAllTextAsync(file), toOutput.Out));
        Assert.Equal($$"""{"episode_id":"{{Ids[0]}}","file":"{{file}}","steps":{{_episodes[0].Steps.Count}}}""", Assert.Single(toFile.Lines));
        Assert.Equal(["e"], Files());
    }

    [Fact]
    public async Task Export_OfAWorker_HasItsEpisodes()
    {
        var run = await _recorder.RunAsync("export", "--worker", _episodes[0].Worker, "--worker", _episodes[1].Worker);

        Assert.Equal(await _recorder.GetAsync($"/v1/export?format=reference&episode_id={Ids[0]},{Ids[1]}"), run.Out);
    }

    [Theory]
    [InlineData("jsonl", ".jsonl")]
    [InlineData("atif", ".atif.json")]
    [InlineData("traj", ".traj")]
    public async Task Export_ToADirectory_HasAFileAnEpisodeAndResumeLeavesThemAlone(string format, string extension)
    {
        var directory = In("out") + "/";

        var run = await _recorder.RunAsync(["export", .. Ids, "--format", format, "-o", directory]);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(Ids.Select(id => id + extension), Files("out"));
        Assert.Contains("6 exported.", run.Out, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(directory, Ids[0] + extension), "mine");
        File.Delete(Path.Combine(directory, Ids[1] + extension));
        var refused = await _recorder.RunAsync(["export", .. Ids, "--format", format, "-o", directory]);
        var resumed = await _recorder.RunAsync(["export", .. Ids, "--format", format, "-o", directory, "--resume"]);
        Assert.Equal((1, 0), (refused.ExitCode, resumed.ExitCode));
        Assert.Contains("--resume", refused.Error, StringComparison.Ordinal);
        Assert.Contains("1 exported, 5 were there.", resumed.Out, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(Path.Combine(directory, Ids[0] + extension)));
        Assert.Equal(Ids.Select(id => id + extension), Files("out"));
    }

    [Theory]
    [InlineData("sts")]
    [InlineData("traj")]
    public async Task Export_OfSeveralToAFileWhereReadersTakeOne_IsAnArchive(string format)
    {
        var run = await _recorder.RunAsync(["export", .. Ids, "--format", format, "-o", In("run.zip")]);
        var toOutput = await _recorder.RunAsync(["export", .. Ids, "--format", format]);

        Assert.Equal((0, 2), (run.ExitCode, toOutput.ExitCode));
        Assert.Contains("--output", toOutput.Error, StringComparison.Ordinal);
        using var archive = ZipFile.OpenRead(In("run.zip"));
        Assert.Equal(Ids, archive.Entries.Select(entry => entry.Name[..26]));
    }

    [Theory]
    [InlineData("jsonl")]
    [InlineData("atif")]
    [InlineData("reference")]
    public async Task Export_WhenAPartWasCutAnywhere_ResumesToTheSameFile(string format)
    {
        var whole = System.Text.Encoding.UTF8.GetBytes(await _recorder.GetAsync($"/v1/export?format={format}&episode_id={string.Join(',', Ids)}"));
        var random = new Random(7);
        var cuts = Enumerable.Range(0, 12).Select(_ => random.Next(whole.Length)).Append(0).Append(whole.Length);
        foreach (var cut in cuts)
        {
            await File.WriteAllBytesAsync(In("run.part"), whole[..cut]);

            var run = await _recorder.RunAsync(["export", .. Ids, "--format", format, "-o", In("run"), "--resume"]);

            Assert.True(run.ExitCode == 0, $"cut at {cut}: {run.Error}");
            Assert.Equal(whole, await File.ReadAllBytesAsync(In("run")));
            Assert.Equal(["run"], Files());
            File.Delete(In("run"));
        }
    }

    [Fact]
    public async Task Export_WhenAPartEndsWithAnotherEpisode_RefusesToGoOn()
    {
        await File.WriteAllTextAsync(In("run.part"), await _recorder.GetAsync($"/v1/export?format=atif&episode_id={Ids[0]}"));

        var run = await _recorder.RunAsync("export", Ids[1], Ids[2], "--format", "atif", "-o", In("run"), "--resume");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(Ids[0], run.Error, StringComparison.Ordinal);
        Assert.Equal(["run.part"], Files());
    }

    [Fact]
    public async Task Export_WhenAFileExists_RefusesUnlessForced()
    {
        await File.WriteAllTextAsync(In("e"), "mine");

        var refused = await _recorder.RunAsync("export", Ids[0], "-o", In("e"));
        var kept = await File.ReadAllTextAsync(In("e"));
        var forced = await _recorder.RunAsync("export", Ids[0], "-o", In("e"), "--force");
        await File.WriteAllTextAsync(In("f.part"), "half");
        var half = await _recorder.RunAsync("export", Ids[0], "-o", In("f"));

        Assert.Equal((1, "mine", 0, 1), (refused.ExitCode, kept, forced.ExitCode, half.ExitCode));
        Assert.Contains("--force", refused.Error, StringComparison.Ordinal);
        Assert.Contains("--resume", half.Error, StringComparison.Ordinal);
        Assert.StartsWith("{\"episode_id\"", await File.ReadAllTextAsync(In("e")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("jsonl")]
    [InlineData("traj")]
    public async Task Export_WhereThereIsNoDirectory_SaysSoAndNamesIt(string format)
    {
        var run = await _recorder.RunAsync("export", Ids[0], Ids[1], "--format", format, "-o", In("none/e"));

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"There is no directory '{In("none")}'", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("01K0000000000000000000000Z")]
    [InlineData("nobody")]
    public async Task Export_WhenOneIsMissing_NamesItAndWritesNothing(string name)
    {
        var run = await _recorder.RunAsync("export", Ids[0], name, "-o", In("e"));

        Assert.Equal(4, run.ExitCode);
        Assert.Contains(name, run.Error, StringComparison.Ordinal);
        Assert.Empty(Files());
    }

    [Theory]
    [InlineData("export")]
    [InlineData("export", "x", "--resume")]
    [InlineData("export", "x", "-o", "f", "--resume", "--force")]
    [InlineData("export", "x", "--format", "csv")]
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

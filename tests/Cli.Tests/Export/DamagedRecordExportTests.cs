using Rollbook.Cli.Tests.Verify;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Cli.Tests.Export;

/// <summary>A bit flips in a file that holds episodes' records: they can't even be looked up, and no other that is named with them is missing for it.</summary>
public sealed class DamagedRecordExportTests
{
    [Fact]
    public async Task Export_OfNamedOnes_WhenARecordIsDamaged_HasTheOthersAndNamesTheCure()
    {
        using var directory = await RecordedDirectory.MakeAsync();
        using var files = new TempDirectory();
        var file = RecordedDirectory.ArchiveFiles(directory.Path).First(static file => file.Contains("/frames/date=", StringComparison.Ordinal));
        RecordedDirectory.Flip(file, new FileInfo(file).Length - 5, 4);
        await using var recorder = await RealRecorder.StartAsync(directory.Path, new Dictionary<string, string?>());
        var (damaged, whole) = (new List<string>(), new List<string>());
        foreach (var id in directory.Episodes)
        {
            var (status, body) = await AnswerAsync(recorder, $"/v1/episodes/{id}?steps=false");
            (status == 409 ? damaged : whole).Add(id);
            if (status != 409) Assert.Equal((200, true), (status, body is not null));
        }

        Assert.NotEmpty(damaged);
        var output = Path.Combine(files.Path, "named.jsonl");
        var run = await recorder.RunAsync(["export", .. directory.Episodes, "--format", "jsonl", "-o", output, "--json"]);

        Assert.True(run.ExitCode == 1, $"{run.ExitCode}: {run.Out}{run.Error}");
        Assert.Equal(whole.Count, run.Lines.Count);
        foreach (var id in damaged) Assert.Contains(id, run.Error, StringComparison.Ordinal);
        Assert.Contains("rollbook verify", run.Error, StringComparison.Ordinal);
        Assert.Contains(Path.GetRelativePath(Path.Combine(directory.Path, "archive"), file), run.Error, StringComparison.Ordinal);
        var exported = File.Exists(output) ? await File.ReadAllTextAsync(output, TestContext.Current.CancellationToken) : "";
        foreach (var id in whole) Assert.Contains($"\"{id}\"", exported, StringComparison.Ordinal);
    }

    // A recorder that still starts says that it is unavailable.
    private static async Task<(int Status, string? Body)> AnswerAsync(RealRecorder recorder, string path)
    {
        for (var tries = 0; ; tries++)
        {
            var answer = await recorder.TryGetAsync(path);
            if (answer.Status != 503) return answer;
            Assert.True(tries < 600, $"{path} stayed unavailable.");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}

using System.Globalization;
using System.Text.Json;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Cli.Tests.Verify;

/// <summary>T33, and the archive's part of T5: a backup is as good as what it was made of, and whatever is damaged is named and never served.</summary>
public sealed class VerifyArchiveTests
{
    private const int Rounds = 6;

    private static int Flips =>
        Environment.GetEnvironmentVariable("ROLLBOOK_ARCHIVE_FLIPS") is { Length: > 0 } flips ? int.Parse(flips, CultureInfo.InvariantCulture) : 200;

    [Fact]
    public async Task Backup_OfAStoppedDirectory_VerifiesAndReadsLikeTheOriginal()
    {
        using var original = await RecordedDirectory.MakeAsync();
        using var copy = RecordedDirectory.CopyOf(original.Path);

        var run = await VerifyAsync(copy.Path);

        Assert.True(run.ExitCode == 0, run.Out);
        var archive = run.Lines.Select(static line => JsonDocument.Parse(line).RootElement).Single(static line => line.TryGetProperty("project", out _));
        Assert.Equal("good", archive.GetProperty("end").GetString());
        Assert.True(archive.GetProperty("packs").GetInt32() >= 2, run.Out);
        await using var recorder = await RealRecorder.StartAsync(copy.Path, new Dictionary<string, string?>());
        foreach (var id in original.Episodes)
        {
            Assert.Equal(original.Steps[id], await RecordedDirectory.ReadAsync(recorder, $"/v1/episodes/{id}/steps"));
            Assert.Equal(original.Records[id], RecordedDirectory.WithoutSilence(await RecordedDirectory.ReadAsync(recorder, $"/v1/episodes/{id}?steps=false")));
        }

        Figures.Report("T33", string.Create(
            CultureInfo.InvariantCulture,
            $"a copied data directory: {archive.GetProperty("files").GetInt32()} archived files and {archive.GetProperty("bytes").GetInt64()} bytes re-hashed, all good; {original.Episodes.Count} episodes with {archive.GetProperty("steps").GetInt64()} archived steps read byte for byte on it"));
    }

    [Fact]
    public async Task Verify_WhereverABitFlips_NamesTheFile()
    {
        using var original = await RecordedDirectory.MakeAsync();
        var named = 0;
        foreach (var (file, offset, bit) in Places(original.Path, seed: 1))
        {
            RecordedDirectory.Flip(file, offset, bit);
            var run = await VerifyAsync(original.Path);
            RecordedDirectory.Flip(file, offset, bit);

            Assert.True(run.ExitCode == 1 && Faults(run).Contains(file), $"bit {bit} of byte {offset} of {file}: exit {run.ExitCode}\n{run.Out}");
            named++;
        }

        Assert.Equal(0, (await VerifyAsync(original.Path)).ExitCode);
        Figures.Report("T5", string.Create(CultureInfo.InvariantCulture, $"archive: {named} flipped bits in packs, frames and manifests, 100 % named by verify"));
    }

    [Fact]
    public async Task Serve_WhereverABitFlips_GivesNoOtherStep()
    {
        using var original = await RecordedDirectory.MakeAsync();
        var (refused, right, flips) = (0, 0, 0);
        // A recorder keeps what it has read and proved, so each round has one of its own, and a bit flips in every file before it starts.
        foreach (var round in Places(original.Path, seed: 2).Where(static p => !p.File.EndsWith(".json", StringComparison.Ordinal)).Chunk(RecordedDirectory.ArchiveFiles(original.Path).Count).Take(Rounds))
        {
            foreach (var (file, offset, bit) in round) RecordedDirectory.Flip(file, offset, bit);
            flips += round.Length;
            await using (var recorder = await RealRecorder.StartAsync(original.Path, new Dictionary<string, string?>()))
            {
                foreach (var id in original.Episodes)
                {
                    var (status, body) = await recorder.TryGetAsync($"/v1/episodes/{id}/steps");
                    if (body is null)
                    {
                        Assert.True(status is 200 or 409 or 503, $"{status} for one of {string.Join(", ", round)}");
                        refused++;
                        continue;
                    }

                    // A stream that meets damage may end early; what came before it is right, and the reader sees that steps are missing.
                    Assert.True(
                        original.Steps[id].StartsWith(body, StringComparison.Ordinal) && (body.Length == 0 || body[^1] == '\n'),
                        $"one of {string.Join(", ", round)}: episode {id} is served as\n{body}\ninstead of\n{original.Steps[id]}");
                    right += body.Length == original.Steps[id].Length ? 1 : 0;
                    refused += body.Length == original.Steps[id].Length ? 0 : 1;
                }
            }

            foreach (var (file, offset, bit) in round) RecordedDirectory.Flip(file, offset, bit);
        }

        Assert.True(refused > 0, "No flip was met: nothing was tested.");
        await using (var whole = await RealRecorder.StartAsync(original.Path, new Dictionary<string, string?>()))
            foreach (var id in original.Episodes) Assert.Equal(original.Steps[id], await RecordedDirectory.ReadAsync(whole, $"/v1/episodes/{id}/steps"));
        Figures.Report("T5", string.Create(
            CultureInfo.InvariantCulture, $"archive: {flips} flipped bits under {Rounds} silos: {right} episodes read as recorded, {refused} reads refused or cut, 0 other bytes"));
    }

    [Theory]
    [InlineData("*.steps.parquet")]
    [InlineData("*.bin")]
    [InlineData("manifest.json")]
    [InlineData("index-00000000")]
    public async Task Verify_WhenAFileIsGone_NamesItAndTheCure(string pattern)
    {
        using var original = await RecordedDirectory.MakeAsync();
        var file = pattern.StartsWith("index", StringComparison.Ordinal)
            ? Directory.EnumerateFiles(Path.Combine(original.Path, "index"), pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal).First()
            : RecordedDirectory.ArchiveFiles(original.Path).First(f => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern, Path.GetFileName(f)));
        File.Delete(file);

        var run = await VerifyAsync(original.Path);

        Assert.Equal(1, run.ExitCode);
        Assert.True(Faults(run).Contains(file), run.Out);
        var text = await CliRun.OfAsync(new Dictionary<string, string>(), "verify", original.Path);
        Assert.Contains("backup", text.Out, StringComparison.Ordinal);
    }

    private static Task<CliRun> VerifyAsync(string directory) => CliRun.OfAsync(new Dictionary<string, string>(), "verify", directory, "--json");

    private static HashSet<string> Faults(CliRun run) =>
    [
        .. run.Lines.Select(static line => JsonDocument.Parse(line).RootElement).Where(static line => line.TryGetProperty("faults", out _))
            .SelectMany(static line => line.GetProperty("faults").EnumerateArray()).Select(static fault => fault.GetProperty("file").GetString()!),
    ];

    // Each file in turn, so that the small ones are met as often as the large ones.
    private static IEnumerable<(string File, long Offset, int Bit)> Places(string data, int seed)
    {
        var random = new Random(seed);
        var files = RecordedDirectory.ArchiveFiles(data);
        for (var i = 0; i < Flips; i++)
        {
            var file = files[i % files.Count];
            yield return (file, random.NextInt64(new FileInfo(file).Length), random.Next(8));
        }
    }
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Rollbook.Cli.Tests.Spool;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Cli.Tests.Export;

/// <summary>Large values from a spool into a recorder, and from there into a directory.</summary>
public sealed class BlobExportTests : IAsyncLifetime
{
    private const string Id = "01HZZZZZZZZZZZZZZZZZZZZZZA";
    private readonly TempDirectory _files = new();
    private RealRecorder _recorder = null!;

    public async ValueTask InitializeAsync() => _recorder = await RealRecorder.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _recorder.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task ImportThenExport_OfStepsWithLargeValues_HasThemByteForByte()
    {
        string[] values = [string.Concat(Enumerable.Repeat("é \"quoted\"\n", 30_000)), new('x', 300_000)];
        var spool = Directory.CreateDirectory(Path.Combine(_files.Path, "spool")).FullName;
        await File.WriteAllTextAsync(Path.Combine(spool, "01.spool"), SpoolFiles.Text(
            SpoolFiles.Start(Id), Blob(values[0]), Blob(values[1]),
            SpoolFiles.Steps(Id, 0, $$"""{"action_type":"a","action_content":{{Reference(values[0])}},"observation_snapshot":[{"page":{{Reference(values[1])}}}]}""", """{"action_type":"b"}"""),
            SpoolFiles.Steps(Id, 2, $$"""{"action_type":"c","thought":{{Reference(values[0])}}}""")));
        var blobs = Path.Combine(_files.Path, "values");

        var import = await _recorder.RunAsync("import", "--spool", spool, "--json");
        var export = await _recorder.RunAsync("export", Id, "--format", "jsonl", "-o", Path.Combine(_files.Path, "e.jsonl"), "--blobs", blobs);
        var again = await _recorder.RunAsync("export", Id, "--format", "jsonl", "-o", Path.Combine(_files.Path, "f.jsonl"), "--blobs", blobs);
        var show = await _recorder.RunAsync("show", Id, "--full");

        Assert.True((import.ExitCode, export.ExitCode, again.ExitCode) == (0, 0, 0), import.Error + export.Error + again.Error);
        Assert.Contains("2 large values, 2 of them downloaded now", export.Error, StringComparison.Ordinal);
        Assert.Contains("2 large values, 0 of them downloaded now", again.Error, StringComparison.Ordinal);
        Assert.Equal(values.Select(Hash).Order(StringComparer.Ordinal), Directory.GetFiles(blobs).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (var value in values) Assert.Equal(Encoding.UTF8.GetBytes(value), await File.ReadAllBytesAsync(Path.Combine(blobs, Hash(value))));
        Assert.Contains($"/v1/blobs/{Hash(values[0])}", show.Out.Replace("\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private static string Hash(string value) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)));

    private static string Reference(string value) => $$"""{"$blob":"{{Hash(value)}}","bytes":{{Encoding.UTF8.GetByteCount(value)}}}""";

    private static string Blob(string value) =>
        new JsonObject { ["do"] = "blob", ["sha256"] = Hash(value), ["text"] = value }.ToJsonString();
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Rollbook.Export;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Cli.Tests.Export;

/// <summary>Episodes go out of one recorder and into another with the program itself, and are the same there.</summary>
public sealed class RoundTripTests(TwoRecorders recorders) : IClassFixture<TwoRecorders>, IDisposable
{
    private static readonly int Episodes = int.Parse(Environment.GetEnvironmentVariable("ROLLBOOK_EXPORT_ROUNDTRIPS") ?? "15");
    private static readonly int Seed = int.Parse(Environment.GetEnvironmentVariable("ROLLBOOK_EXPORT_SEED") ?? "1");

    private readonly TempDirectory _files = new();
    private readonly RealRecorder _from = recorders.From;
    private readonly RealRecorder _to = recorders.To;

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("atif", 0)]
    [InlineData("jsonl", 1_000_000)]
    public async Task ExportThenImport_OfAnyEpisodes_MakesTheSame(string format, int others)
    {
        var episodes = Enumerable.Range(Seed + others, Episodes).Select(seed => new NastyEpisode(seed)).ToList();
        foreach (var episode in episodes)
            await _from.RecordAsync(episode);
        string[] ids = [.. episodes.Select(episode => episode.Id.ToString())];
        var file = Path.Combine(_files.Path, "run.jsonl");

        var export = await _from.RunAsync(["export", .. ids, "--format", format, "-o", file, "--json"]);
        var import = await _to.RunAsync("import", file, "--json");

        Assert.Equal((0, Episodes), (export.ExitCode, export.Lines.Count));
        Assert.True(import.ExitCode == 0 && import.Lines.Count == Episodes && !import.Out.Contains("note", StringComparison.Ordinal), import.Out + import.Error);
        await SameAsync(episodes, file, format);

        // A second time nothing changes, in the one recorder or the other.
        foreach (var recorder in new[] { _to, _from })
        {
            var again = await recorder.RunAsync("import", file, "--json");
            Assert.True(again.ExitCode == 0, again.Out + again.Error);
        }

        await SameAsync(episodes, file, format);
    }

    [Fact]
    public async Task Import_OfOneDocumentThatWasIndented_MakesTheSame()
    {
        var episode = new NastyEpisode(2_000_003, mostSteps: 40);
        await _from.RecordAsync(episode);
        var text = await _from.GetAsync($"/v1/export?format=atif&episode_id={episode.Id}");
        var file = Path.Combine(_files.Path, "e.atif.json");
        using (var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 512 }))
            await File.WriteAllTextAsync(file, Indented(document.RootElement));

        var import = await _to.RunAsync("import", _files.Path);

        Assert.True(import.ExitCode == 0, import.Out + import.Error);
        Assert.Equal(Canonical("atif", text), Canonical("atif", await _to.GetAsync($"/v1/export?format=atif&episode_id={episode.Id}")));
    }

    private async Task SameAsync(IReadOnlyList<NastyEpisode> episodes, string file, string format)
    {
        var copy = Path.Combine(_files.Path, "copy.jsonl");
        var export = await _to.RunAsync(["export", .. episodes.Select(episode => episode.Id.ToString()), "--format", format, "-o", copy, "--force"]);
        Assert.Equal(0, export.ExitCode);
        Assert.Equal(Canonical(format, await File.ReadAllTextAsync(file)), Canonical(format, await File.ReadAllTextAsync(copy)));
        foreach (var episode in episodes)
        {
            var (one, two) = (await RecordAsync(_from, episode), await RecordAsync(_to, episode));
            Assert.Equal(one, two);
            Assert.Equal(await _from.GetAsync($"/v1/export?format=reference&episode_id={episode.Id}"), await ReferenceAsync(episode));
        }
    }

    /// <summary>The copy's trajectory with the first one's times of receipt, which an import can't keep.</summary>
    private async Task<string> ReferenceAsync(NastyEpisode episode)
    {
        var one = Steps(await _from.GetAsync($"/v1/episodes/{episode.Id}/steps"));
        var two = Steps(await _to.GetAsync($"/v1/episodes/{episode.Id}/steps"));
        var text = await _to.GetAsync($"/v1/export?format=reference&episode_id={episode.Id}");
        foreach (var (mine, other) in one.Zip(two).Where(pair => pair.First.Stamp == pair.First.Received))
            text = text.Replace($"\"timestamp\":{other.Received},", $"\"timestamp\":{mine.Received},", StringComparison.Ordinal);
        return text;
    }

    private static List<(string Stamp, string Received)> Steps(string lines) => [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line =>
    {
        using var step = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 512 });
        return (step.RootElement.GetProperty("timestamp").GetRawText(), step.RootElement.GetProperty("received_at").GetRawText());
    })];

    private static async Task<string> RecordAsync(RealRecorder recorder, NastyEpisode episode)
    {
        var record = JsonNode.Parse(await recorder.GetAsync($"/v1/episodes/{episode.Id}?steps=false"))!.AsObject();
        record.Remove("writer_epoch");
        return record.ToJsonString();
    }

    /// <summary>What an export says of an episode but for the times of receipt: records, and each step's canonical line.</summary>
    private static List<string> Canonical(string format, string text)
    {
        var canonical = new List<string>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 512 });
            var root = document.RootElement;
            if (format == "jsonl")
            {
                canonical.Add(root.TryGetProperty("hash", out var hash) ? hash.GetString()! : line);
                continue;
            }

            canonical.Add(root.GetProperty("extra").GetRawText());
            foreach (var step in root.GetProperty("steps").EnumerateArray().Select(step => System.Text.Encoding.UTF8.GetBytes(step.GetRawText())).Where(step => AtifStep.IsRecorded(step)))
            {
                var written = new System.Buffers.ArrayBufferWriter<byte>();
                AtifStep.WriteLine(step, written);
                canonical.Add($"{AtifStep.Hash(step)} {System.Text.Encoding.UTF8.GetString(written.WrittenSpan)}");
            }
        }

        return canonical;
    }

    // White space between the tokens, the tokens as they are.
    private static string Indented(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => $"{{\r\n\t{string.Join(" ,\n  ", value.EnumerateObject().Select(member => $"\"{System.Text.Encoding.UTF8.GetString(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8PropertyName(member))}\" : {Indented(member.Value)}"))}\n}}",
        JsonValueKind.Array => $"[ {string.Join(" ,\n", value.EnumerateArray().Select(Indented))} ]",
        _ => value.GetRawText(),
    };
}

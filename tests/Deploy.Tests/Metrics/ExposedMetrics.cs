using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Rollbook.Silo.Hosting;

namespace Rollbook.Deploy.Tests.Metrics;

/// <summary>What a silo serves at <c>/metrics</c> after it has recorded, ended, packed and queried something.</summary>
public sealed partial class ExposedMetrics : IAsyncLifetime
{
    private readonly Dictionary<string, Dictionary<string, HashSet<string>>> samples = [];

    /// <summary>By metric: its labels and the values that they had.</summary>
    internal IReadOnlyDictionary<string, Dictionary<string, HashSet<string>>> Samples => samples;

    public async ValueTask InitializeAsync()
    {
        using var directory = new TempDirectory();
        await using var app = SiloHost.Build(["--urls", "http://127.0.0.1:0", "--data", directory.Path], builder => builder.Logging.ClearProviders());
        await SiloHost.StartAsync(app);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        var started = await PostAsync(client, "/v1/workers/w/episodes", """{"task":"t","variant_id":"v"}""");
        var id = (string)JsonNode.Parse(started)!["episode_id"]!;
        await PostAsync(client, $"/v1/episodes/{id}/steps?from=0", """{"action_type":"a"}""");
        await PostAsync(client, "/v1/steps", $$$"""{"episode_id":"{{{id}}}","ordinal":1,"step":{"action_type":"b"}}""", "application/x-ndjson");
        await PostAsync(client, $"/v1/episodes/{id}/end", """{"next_ordinal":2}""");
        // Packs first.
        await PostAsync(client, "/v1/query?fresh=true", """{"sql":"SELECT count(*) FROM steps"}""");
        Read(await client.GetStringAsync("/metrics"));
        await app.StopAsync();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Read(string text)
    {
        foreach (Match sample in Sample().Matches(text))
        {
            if (!samples.TryGetValue(sample.Groups["metric"].Value, out var labels)) samples[sample.Groups["metric"].Value] = labels = [];
            foreach (Match label in Label().Matches(sample.Groups["labels"].Value))
            {
                if (!labels.TryGetValue(label.Groups["label"].Value, out var values)) labels[label.Groups["label"].Value] = values = [];
                values.Add(label.Groups["value"].Value);
            }
        }
    }

    private static async Task<string> PostAsync(HttpClient client, string path, string body, string type = "application/json")
    {
        using var content = new StringContent(body, Encoding.UTF8, type);
        using var response = await client.PostAsync(path, content);
        var answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {answer}");
        return answer;
    }

    [GeneratedRegex("""^(?<metric>[a-zA-Z_:][\w:]*)(?:\{(?<labels>(?:[^"}]|"(?:[^"\\]|\\.)*")*)\})? """, RegexOptions.Multiline)]
    private static partial Regex Sample();

    [GeneratedRegex("""(?<label>[a-zA-Z_]\w*)="(?<value>(?:[^"\\]|\\.)*)["]""")]
    private static partial Regex Label();
}

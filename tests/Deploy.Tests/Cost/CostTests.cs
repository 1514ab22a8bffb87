using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Rollbook.Episodes;
using Rollbook.Silo.Hosting;

namespace Rollbook.Deploy.Tests.Cost;

/// <summary>What the table of costs in docs/deploy.md says of operations, measured where it can be.</summary>
public sealed class CostTests
{
    private const int Workers = 10;
    private const int EpisodesEach = 10;

    [Fact]
    public async Task Episode_FromStartToEnd_CostsTheTableOperationsThatThePageTells()
    {
        using var directory = new TempDirectory();
        CountingHeaderStore headers = null!;
        await using var app = SiloHost.Build(["--urls", "http://127.0.0.1:0", "--data", directory.Path], builder =>
        {
            builder.Logging.ClearProviders();
            var real = builder.Services.Last(service => service.ServiceType == typeof(IHeaderStore)).ImplementationType!;
            builder.Services.AddSingleton<IHeaderStore>(provider => headers = new CountingHeaderStore((IHeaderStore)ActivatorUtilities.CreateInstance(provider, real)));
        });
        await SiloHost.StartAsync(app);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        for (var worker = 0; worker < Workers; worker++)
        {
            for (var i = 0; i < EpisodesEach; i++)
            {
                var id = (string)JsonNode.Parse(await PostAsync(client, $"/v1/workers/w{worker}/episodes", """{"task":"t","variant_id":"v"}"""))!["episode_id"]!;
                for (var step = 0; step < 5; step++) await PostAsync(client, $"/v1/episodes/{id}/steps?from={step}", """{"action_type":"a"}""");
                await PostAsync(client, $"/v1/episodes/{id}/end", """{"next_ordinal":5}""");
            }
        }

        var metrics = await client.GetStringAsync("/metrics");
        var (ofHeaders, ofLoggers) = (headers.Calls / (double)(Workers * EpisodesEach), (Sum(metrics, "read") + Sum(metrics, "write")) / (Workers * EpisodesEach));
        Figures.Report("cost", string.Create(CultureInfo.InvariantCulture, $"{ofHeaders:0.0} operations on headers and {ofLoggers:0.0} on the worker's state an episode"));
        Assert.InRange(ofHeaders, 1, Told("headers"));
        // A worker's first look at its state comes on top.
        Assert.InRange(ofLoggers, 1, Told("worker's state") + (2.0 / EpisodesEach));
        await app.StopAsync();
    }

    private static double Told(string of)
    {
        var match = Regex.Match(DeployFiles.Read("docs/deploy.md"), $@"\| operations on the {of} an episode \| (\d+) \|");
        Assert.True(match.Success, $"docs/deploy.md does not tell the operations on the {of}");
        return int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    private static double Sum(string metrics, string kind) =>
        Regex.Matches(metrics, $@"^orleans_storage_{kind}_latency_milliseconds_count\{{[^}}]*\}} (\d+)", RegexOptions.Multiline).Sum(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));

    private static async Task<string> PostAsync(HttpClient client, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(path, content);
        var answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {answer}");
        return answer;
    }
}

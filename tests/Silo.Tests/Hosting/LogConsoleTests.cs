using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Rollbook.Silo.Hosting;
using Rollbook.Silo.Http;
using Rollbook.Silo.Tests.Http;

namespace Rollbook.Silo.Tests.Hosting;

/// <summary>What the process says of itself, and what it must never say.</summary>
[Collection(nameof(AloneCollection))]
public sealed class LogConsoleTests
{
    // It stands in every place where a caller puts something of its own.
    private const string Secret = "hunter2-PAYLOAD-0xC0FFEE";

    [Fact]
    public async Task Log_AtTheFinestLevel_HoldsNoPayloadAndNoKey()
    {
        using var directory = new TempDirectory();
        var lines = new LogLines();
        var settings = new Dictionary<string, string?> { ["Logging:LogLevel:Default"] = "Trace", ["Rollbook:Archive:PackSeconds"] = "1", ["Rollbook:Archive:CompactSeconds"] = "1" };
        await using (var silo = await SiloServer.StartAsync(directory.Path, builder => builder.Logging.AddProvider(lines), settings))
        {
            silo.Client.DefaultRequestHeaders.Add("Authorization", $"Bearer {Secret}");
            await RecordAsync(silo);
            await AskAsync(silo);
        }

        var text = lines.ToString();
        // It did log: at this level the server and the silo tell of every request and call.
        Assert.True(lines.Count > 100, $"only {lines.Count} lines");
        var leak = text.IndexOf(Secret, StringComparison.OrdinalIgnoreCase);
        Assert.True(leak < 0, $"the log has a payload: {(leak < 0 ? "" : text[Math.Max(0, leak - 600)..Math.Min(text.Length, leak + 200)])}");
    }

    private static async Task RecordAsync(SiloServer silo)
    {
        var id = await silo.BeginAsync("w", $$$"""{"task":"t","variant_id":"v","metadata":{"k":"{{{Secret}}}"},"initial_observation":"{{{Secret}}}"}""");
        var step = $$"""{"action_type":"a","action_content":"{{Secret}}","observation_snapshot":{"x":"{{Secret}}"},"error":"{{Secret}}","thought":"{{Secret}}","{{Secret}}":1}""";
        Assert.Equal(200, (await silo.AppendAsync(id, 0, step)).Status);
        // Refused in each way that has a text of its own.
        Assert.Equal(409, (await silo.AppendAsync(id, 0, step.Replace("\"a\"", "\"b\"", StringComparison.Ordinal))).Status);
        Assert.Equal(409, (await silo.AppendAsync(id, 7, step)).Status);
        Assert.Equal(400, (await silo.AppendAsync(id, 1, $$"""{"action_type":"{{Secret}}","reward":"{{Secret}}"}""")).Status);
        Assert.Equal(400, (await silo.AppendAsync(id, 1, $"{{{Secret}")).Status);
        await silo.PostAsync("/v1/steps", $$$"""{"episode_id":"{{{id}}}","ordinal":1,"step":{"action_type":"a","response":"{{{Secret}}}"}}""", StepsApi.Ndjson);
        await silo.PostAsync($"/v1/episodes/{id}/scores", $$"""{"event_id":"e","name":"final","value":1,"source":"s","rationale":"{{Secret}}"}""");
        await silo.PostAsync($"/v1/episodes/{id}/labels", $$"""{"event_id":"l","add":["{{Secret}}"]}""");
        await silo.PostAsync($"/v1/episodes/{id}/end", $$"""{"next_ordinal":2,"end_cause":"exception: {{Secret}}"}""");
        using var blob = new StringContent(Secret, Encoding.UTF8);
        await silo.Client.PutAsync($"/v1/blobs/{new string('0', 64)}", blob);
    }

    private static async Task AskAsync(SiloServer silo)
    {
        await silo.PostAsync("/v1/query?fresh=true", $$"""{"sql":"SELECT '{{Secret}}' AS x, count(*) FROM steps WHERE action_content = '{{Secret}}'"}""");
        await silo.PostAsync("/v1/query", $$"""{"sql":"SELECT nothing('{{Secret}}')"}""");
        await silo.PostAsync("/v1/query", $$"""{"sql":"SELECT CAST('{{Secret}}' AS INTEGER)"}""");
        await silo.Client.GetAsync($"/v1/episodes?label={Secret}");
        await silo.Client.GetAsync($"/v1/episodes?min_score={Secret}");
        await silo.Client.GetAsync($"/v1/export?format=jsonl&label={Secret}");
    }

    [Theory]
    [InlineData(LogFormat.Json)]
    [InlineData(LogFormat.Text)]
    public void AddConsole_InEachFormat_WritesOneLineToTheStandardError(LogFormat format)
    {
        var (before, written) = (Console.Error, new StringWriter());
        Console.SetError(written);
        try
        {
            using var provider = new ServiceCollection().AddLogging(logging => logging.AddConsole(format)).BuildServiceProvider();
            provider.GetRequiredService<ILoggerFactory>().CreateLogger("Rollbook.Test").LogWarning("It has {Count} lines\nof {Text}", 2, "\"text\"");
        }
        finally
        {
            Console.SetError(before);
        }

        var line = Assert.Single(written.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        if (format == LogFormat.Text)
        {
            Assert.Contains("warn: Rollbook.Test[0] It has 2 lines", line, StringComparison.Ordinal);
            return;
        }

        var json = JsonNode.Parse(line)!;
        Assert.Equal(("Warning", "Rollbook.Test", 2), ((string)json["LogLevel"]!, (string)json["Category"]!, (int)json["State"]!["Count"]!));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", (string)json["Timestamp"]!);
    }
}

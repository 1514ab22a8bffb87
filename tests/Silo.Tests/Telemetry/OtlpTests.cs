using Microsoft.Extensions.Configuration;
using Rollbook.Silo.Hosting;
using Rollbook.Silo.Telemetry;
using Rollbook.Silo.Tests.Http;

namespace Rollbook.Silo.Tests.Telemetry;

/// <summary>What a real silo sends over OTLP. Alone: what listens to spans hears those of every silo in the process.</summary>
[Collection(nameof(AloneCollection))]
public sealed class OtlpTests
{
    private const string Caller = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    [Fact]
    public async Task Append_WithACallersTrace_IsOneTraceFromTheEdgeToTheCommit()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        using var directory = new TempDirectory();
        await using var silo = await StartAsync(directory, receiver.Address);
        var id = (string)(await silo.PostAsync("/v1/workers/w/episodes", Start)).Json!["episode_id"]!;
        silo.Client.DefaultRequestHeaders.Add("traceparent", Caller);
        Assert.Equal(200, (await silo.PostAsync($"/v1/episodes/{id}/steps?from=0", """{"action_type":"first"}""")).Status);
        Assert.Equal(200, (await silo.PostAsync($"/v1/episodes/{id}/steps?from=1", """{"action_type":"second"}""")).Status);
        await silo.ExportAsync();

        var spans = receiver.Spans.Where(span => span.Trace == "4bf92f3577b34da6a3ce929d0e0e4736").ToList();
        var edge = spans.Where(span => span.Source == "Microsoft.AspNetCore").ToList();
        Assert.Equal(2, edge.Count);
        Assert.All(edge, span => Assert.Equal("00f067aa0ba902b7", span.Parent));
        var append = spans.Where(span => span.Name == "rollbook.append").ToList();
        Assert.Equal(edge.Select(span => span.Id).Order(), append.Select(span => span.Parent).Order());
        Assert.All(append, span => Assert.Equal((id, "Ok"), (span.Texts["rollbook.episode"], span.Texts["rollbook.code"])));
        // Whoever was here by then took a turn; the first append may have been a call.
        var turn = Assert.Single(spans, span => span.Name == "rollbook.turn" && span.Parent == append[^1].Id);
        Assert.Contains(spans, span => span.Name == "rollbook.commit" && span.Parent == turn.Id);
        Assert.Equal(2, spans.Count(span => span.Name == "rollbook.commit"));
    }

    [Fact]
    public async Task Start_WithACallersTrace_TracesTheCallsBetweenGrains()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        using var directory = new TempDirectory();
        await using var silo = await StartAsync(directory, receiver.Address);
        silo.Client.DefaultRequestHeaders.Add("traceparent", Caller);
        await silo.PostAsync("/v1/workers/w/episodes", Start);
        await silo.ExportAsync();

        var spans = receiver.Spans.Where(span => span.Trace == "4bf92f3577b34da6a3ce929d0e0e4736").ToList();
        Assert.Contains(spans, span => span.Source == "Microsoft.Orleans.Application");
        // The claim's frame goes through the log, too.
        Assert.Contains(spans, span => span.Name == "rollbook.commit");
    }

    [Fact]
    public async Task Append_WhenTheCallerDoesNotSample_IsNotTraced()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        using var directory = new TempDirectory();
        await using var silo = await StartAsync(directory, receiver.Address);
        silo.Client.DefaultRequestHeaders.Add("traceparent", Caller[..^2] + "00");
        var id = (string)(await silo.PostAsync("/v1/workers/w/episodes", Start)).Json!["episode_id"]!;
        await silo.PostAsync($"/v1/episodes/{id}/steps?from=0", """{"action_type":"a"}""");
        await silo.ExportAsync();

        Assert.DoesNotContain(receiver.Spans, span => span.Trace == "4bf92f3577b34da6a3ce929d0e0e4736");
    }

    [Fact]
    public async Task Sampler_ByDefault_TakesOneInAHundredOfWhatBeginsHere_AndAllWhereItIsSaid()
    {
        await using var few = await OtlpReceiver.StartAsync();
        await using var all = await OtlpReceiver.StartAsync();
        using var directory = new TempDirectory();
        foreach (var (receiver, sampler) in new[] { (few, (string?)null), (all, "always_on") })
        {
            await using var silo = await StartAsync(directory, receiver.Address, (OtlpSettings.Sampler, sampler));
            for (var i = 0; i < 100; i++) await silo.Client.GetAsync("/v1/workers/none");
            await silo.ExportAsync();
        }

        Assert.Equal(100, Mine(all));
        // The chance of more than 20 of 100 at one in a hundred is below 10⁻¹⁸.
        Assert.InRange(Mine(few), 0, 20);

        // The receiver is in the same process, and its own requests are seen, too.
        static int Mine(OtlpReceiver receiver) => receiver.Spans.Count(static span => span.Texts.GetValueOrDefault("url.path") == "/v1/workers/none");
    }

    [Fact]
    public async Task Metrics_AreThoseOfRollbookOrleansAndTheRuntime()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        using var directory = new TempDirectory();
        await using var silo = await StartAsync(directory, receiver.Address);
        await silo.PostAsync("/v1/workers/w/episodes", Start);
        await silo.ExportAsync();

        Assert.Superset(
            new HashSet<string> { "rollbook.log.frames", "rollbook.log.commit.duration", "rollbook.disk.free", "orleans-catalog-activations", "dotnet.gc.collections", "http.server.request.duration" },
            receiver.Metrics.ToHashSet());
        Assert.Equal("rollbook", receiver.Resource["service.name"]);
        Assert.NotEmpty(receiver.Resource["service.instance.id"]);
    }

    [Theory]
    [InlineData("OTEL_TRACES_EXPORTER", true)]
    [InlineData("OTEL_METRICS_EXPORTER", false)]
    public async Task Signal_SwitchedOff_IsNotSent(string key, bool metrics)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        using var directory = new TempDirectory();
        await using var silo = await StartAsync(directory, receiver.Address, (OtlpSettings.Sampler, "always_on"), (key, "none"));
        await silo.PostAsync("/v1/workers/w/episodes", Start);
        await silo.ExportAsync();

        Assert.Equal((metrics, !metrics), (receiver.Metrics.Count > 0, receiver.Spans.Count > 0));
    }

    [Fact]
    public void Read_WithoutAnEndpoint_IsOff_AndABadOneIsRefused()
    {
        Assert.Equal(new OtlpSettings(false, false), Read());
        Assert.Equal(new OtlpSettings(true, true), Read((OtlpSettings.Endpoint, "http://127.0.0.1:4317")));
        Assert.Equal(new OtlpSettings(false, false), Read((OtlpSettings.Endpoint, "http://127.0.0.1:4317"), ("OTEL_SDK_DISABLED", "true")));
        Assert.Contains(OtlpSettings.Endpoint, Assert.Throws<BadOptionsException>(() => Read((OtlpSettings.Endpoint, "collector:4317"))).Message, StringComparison.Ordinal);
        Assert.Contains("otlp or none", Assert.Throws<BadOptionsException>(() => Read((OtlpSettings.Endpoint, "http://h"), ("OTEL_TRACES_EXPORTER", "zipkin"))).Message, StringComparison.Ordinal);

        static OtlpSettings Read(params (string, string?)[] values) =>
            OtlpSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(values.ToDictionary(v => v.Item1, v => v.Item2)).Build());
    }

    private const string Start = """{"task":"t","variant_id":"v"}""";

    private static Task<SiloServer> StartAsync(TempDirectory directory, string endpoint, params (string Key, string? Value)[] settings) =>
        SiloServer.StartAsync(
            directory.Path,
            settings: settings.Append((OtlpSettings.Endpoint, endpoint)).Append(("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"))
                .Where(setting => setting.Item2 is not null).ToDictionary(setting => setting.Item1, setting => setting.Item2));
}

using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Rollbook.Silo.Tests.Telemetry;

/// <summary>Takes what is exported over OTLP/HTTP, on a port of its own.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<ProtoFields> traces = [];
    private readonly ConcurrentQueue<ProtoFields> metrics = [];

    private OtlpReceiver(WebApplication app) => this.app = app;

    public string Address => app.Urls.First();

    /// <summary>Every span that came; field numbers are those of opentelemetry/proto/trace/v1/trace.proto.</summary>
    public IReadOnlyList<ReceivedSpan> Spans =>
    [
        .. traces.SelectMany(static request => request.Messages(1)).SelectMany(static resource => resource.Messages(2))
            .SelectMany(static scope => scope.Messages(2).Select(span => new ReceivedSpan(
                scope.Message(1).Text(1), span.Text(5), span.Hex(1), span.Hex(2), span.Hex(4),
                span.Messages(9).ToDictionary(static a => a.Text(1), static a => a.Message(2).Text(1)),
                [.. span.Messages(13).Select(static link => link.Hex(2))]))),
    ];

    /// <summary>The names of every metric that came.</summary>
    public IReadOnlySet<string> Metrics => metrics.SelectMany(static request => request.Messages(1)).SelectMany(static resource => resource.Messages(2))
        .SelectMany(static scope => scope.Messages(2)).Select(static metric => metric.Text(1)).ToHashSet(StringComparer.Ordinal);

    /// <summary>The attributes of who exported.</summary>
    public IReadOnlyDictionary<string, string> Resource =>
        metrics.First().Message(1).Message(1).Messages(1).ToDictionary(static a => a.Text(1), static a => a.Message(2).Text(1));

    public int Requests => traces.Count + metrics.Count;

    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var receiver = new OtlpReceiver(builder.Build());
        receiver.app.MapPost("/v1/traces", context => TakeAsync(context, receiver.traces));
        receiver.app.MapPost("/v1/metrics", context => TakeAsync(context, receiver.metrics));
        await receiver.app.StartAsync();
        return receiver;
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private static async Task TakeAsync(HttpContext context, ConcurrentQueue<ProtoFields> taken)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        taken.Enqueue(new ProtoFields(body.ToArray()));
        context.Response.ContentType = "application/x-protobuf";
    }
}

using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Rollbook.Silo.Http;

namespace Rollbook.Silo.Tests.Http.Steps.Envelopes;

/// <summary>The edge with a few named episodes and a clock that stands still until it is told to go on.</summary>
internal sealed class EnvelopeServer : IAsyncDisposable
{
    private readonly EdgeServer edge;

    private EnvelopeServer(EdgeServer edge, FakeTimeProvider time, FakeEpisode[] episodes)
    {
        this.edge = edge;
        Time = time;
        Episodes = episodes;
    }

    public FakeTimeProvider Time { get; }

    public FakeEpisode[] Episodes { get; }

    public HttpClient Client => edge.Client;

    public static async Task<EnvelopeServer> StartAsync(int episodes, Action<IServiceCollection>? configure = null)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddDays(20_000));
        var edge = await EdgeServer.StartAsync(services =>
        {
            services.AddSingleton<TimeProvider>(time);
            configure?.Invoke(services);
        });
        var all = new FakeEpisode[episodes];
        for (var n = 0; n < episodes; n++) edge.Episodes[Envelope.Key(n)] = all[n] = new FakeEpisode();
        return new EnvelopeServer(edge, time, all);
    }

    /// <summary>Sends a body and reads the whole answer, by episode in the order of the lines.</summary>
    public async Task<List<JsonNode>> AppendAsync(string body)
    {
        using var response = await SendAsync(body);
        Assert.Equal((200, StepsApi.Ndjson), ((int)response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        return [.. (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }

    /// <summary>Sends a body and returns with the answer's head.</summary>
    public Task<HttpResponseMessage> SendAsync(string body, CancellationToken cancellation = default)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue(StepsApi.Ndjson);
        return Client.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/v1/steps") { Content = content }, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }

    public ValueTask DisposeAsync() => edge.DisposeAsync();
}

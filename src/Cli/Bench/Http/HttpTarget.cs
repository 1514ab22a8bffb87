using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary>The recorder's HTTP API. Starts, reads and ends go by the ordinary client; steps by <see cref="HttpConnection"/>.</summary>
internal sealed class HttpTarget(Uri address, string? apiKey, StepPool pool, int connections, bool across, TimeProvider time) : IBenchTarget
{
    private readonly RollbookHttpClient _client = new(new RollbookHttpOptions { BaseAddress = address, ApiKey = apiKey, TimeProvider = time });
    private readonly RequestWriter _writer = new(address, apiKey, pool);
    private readonly List<HttpConnection> _open = [];

    public string Description => across
        ? $"HTTP/1.1, POST /v1/steps over {connections:N0} keep-alive connections"
        : $"HTTP/1.1, a request an append over {connections:N0} keep-alive connections";

    public async Task StartAsync(LoadEpisode episode, CancellationToken cancellation)
    {
        var start = new EpisodeStart { Task = "bench", VariantId = "http", Writer = "rollbook.bench", Takeover = true };
        var started = await _client.StartAsync($"bench.{episode.Number}", start, cancellationToken: cancellation);
        episode.Id = started.EpisodeId;
        episode.WriterEpoch = started.WriterEpoch;
    }

    public async Task SendAsync(LoadRun run, CancellationToken cancellation)
    {
        var shares = Shares(run.Episodes);
        await OpenAsync(shares, run.Batch, cancellation);
        await Task.WhenAll(shares.Select((share, i) => across
            ? new AcrossSender(_open[i], _writer, run, time).SendAsync(share, cancellation)
            : new HttpStepSender(_open[i], _writer, run, time).SendAsync(share, cancellation)));
    }

    public async Task<long> CallAsync(IReadOnlyList<LoadEpisode> episodes, TimeSpan length, CancellationToken cancellation)
    {
        var shares = Shares(episodes);
        await OpenAsync(shares, 1, cancellation);
        var begun = time.GetTimestamp();
        var calls = await Task.WhenAll(_open.Take(shares.Length).Select(connection => CallAsync(connection, begun, length, cancellation)));
        return calls.Sum();
    }

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(LoadEpisode episode, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var step in _client.ReadStepsAsync(episode.Id, cancellationToken: cancellation))
            yield return step.Json;
    }

    public Task EndAsync(LoadEpisode episode, CancellationToken cancellation) =>
        _client.EndAsync(episode.Id, new EpisodeEnd { NextOrdinal = episode.Next, EndCause = "bench", WriterEpoch = episode.WriterEpoch }, cancellation);

    public ValueTask DisposeAsync()
    {
        foreach (var connection in _open)
            connection.Dispose();
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private LoadEpisode[][] Shares(IReadOnlyList<LoadEpisode> episodes)
    {
        var shares = Math.Min(connections, episodes.Count);
        return [.. Enumerable.Range(0, shares).Select(share => episodes.Where((_, i) => i % shares == share).ToArray())];
    }

    private async Task OpenAsync(LoadEpisode[][] shares, int batch, CancellationToken cancellation)
    {
        var bytes = RequestWriter.MaxBytes(across ? Math.Min(shares[0].Length, AcrossSender.MaxEpisodes) : 1, batch);
        var stale = _open.Count > 0 && _open[0].Request.Length < bytes;
        if (stale)
        {
            _open.ForEach(connection => connection.Dispose());
            _open.Clear();
        }

        var endPoint = await FindAsync(cancellation);
        while (_open.Count < shares.Length)
            _open.Add(await HttpConnection.OpenAsync(endPoint, bytes, cancellation));
    }

    private async Task<EndPoint> FindAsync(CancellationToken cancellation)
    {
        if (address.Scheme != "http")
            throw new CliException(ExitCode.Usage, "usage", "bench speaks plain HTTP only: give it an http address behind the proxy that ends TLS.");
        var found = await Dns.GetHostAddressesAsync(address.DnsSafeHost, cancellation);
        return new IPEndPoint(found[0], address.Port);
    }

    private async Task<long> CallAsync(HttpConnection connection, long begun, TimeSpan length, CancellationToken cancellation)
    {
        var body = new byte[256];
        var calls = 0L;
        while (time.GetElapsedTime(begun) < length)
        {
            var status = await connection.SendAsync(_writer.Health(connection.Request), cancellation);
            var read = await connection.ReadBodyAsync(body, cancellation);
            if (status != 200)
                throw new CliException(ExitCode.Failed, "refused", $"/health/live answered {status}: {Encoding.UTF8.GetString(body, 0, read)}");
            calls++;
        }

        return calls;
    }
}

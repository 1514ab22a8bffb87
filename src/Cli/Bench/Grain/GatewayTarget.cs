using System.Net;
using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary>The C# client over the Orleans gateway: a logger an episode, batching and pipelining as the client does by itself. Reads and bare calls go by the grains.</summary>
internal sealed class GatewayTarget : IBenchTarget
{
    private readonly RollbookClient _client;
    private readonly GrainTarget _grains;
    private readonly StepPool _pool;
    private readonly Dictionary<int, TrajectoryLogger> _loggers = [];

    private GatewayTarget(RollbookClient client, GrainTarget grains, StepPool pool)
    {
        _client = client;
        _grains = grains;
        _pool = pool;
    }

    public string Description => "Orleans gateway, the C# client, a logger an episode";

    public static async Task<GatewayTarget> ConnectAsync(IPEndPoint gateway, string? apiKey, StepPool pool, GrainTarget grains, CancellationToken cancellation)
    {
        var options = new RollbookClientOptions { Gateways = gateway.ToString(), ClusterId = "default", ServiceId = "default", ApiKey = apiKey, GiveUpAfter = TimeSpan.FromSeconds(30) };
        return new GatewayTarget(await RollbookClient.ConnectAsync(options, null, cancellation), grains, pool);
    }

    public async Task StartAsync(LoadEpisode episode, CancellationToken cancellation)
    {
        var logger = _client.CreateLogger($"bench.{episode.Number}");
        lock (_loggers)
            _loggers.Add(episode.Number, logger);
        var id = await logger.StartEpisodeAsync(new EpisodeStart { Task = "bench", VariantId = "gateway", Takeover = true }, cancellation);
        episode.Id = id.ToString();
        // The first writer of an episode; only the bare calls carry it.
        episode.WriterEpoch = 1;
    }

    public Task SendAsync(LoadRun run, CancellationToken cancellation) => Task.WhenAll(run.Episodes.Select(episode => SendAsync(run, episode, cancellation)));

    public Task<long> CallAsync(IReadOnlyList<LoadEpisode> episodes, TimeSpan length, CancellationToken cancellation) =>
        _grains.CallAsync(episodes, length, cancellation);

    public IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(LoadEpisode episode, CancellationToken cancellation) => _grains.ReadAsync(episode, cancellation);

    public Task EndAsync(LoadEpisode episode, CancellationToken cancellation) => _loggers[episode.Number].EndEpisodeAsync(null, "bench", cancellation);

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _grains.DisposeAsync();
    }

    private async Task SendAsync(LoadRun run, LoadEpisode episode, CancellationToken cancellation)
    {
        // Off the caller at once: a thousand loops begin together.
        await Task.Yield();
        var logger = _loggers[episode.Number];
        var json = new byte[StepPool.Length(StepPool.DiffEvery - 1, run.Batch) + run.Batch];
        while (run.Take(episode) is var count and > 0)
        {
            var length = 0;
            for (var i = 0; i < count; i++)
            {
                length += _pool.Write(episode.Number, episode.Next + i, json.AsSpan(length));
                json[length++] = (byte)'\n';
            }

            var sent = run.Now();
            var first = await logger.RecordLinesAsync(json.AsMemory(0, length), cancellation);
            if (first != episode.Next)
                throw new CliException(ExitCode.Failed, "bad_answer", $"The client recorded at {first} what belongs at {episode.Next}.");
            run.Acknowledged(episode, sent);
        }
    }
}

using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Rollbook.Cli;

/// <summary>
/// The episodes' grains through the Orleans gateway, without a client library between: the client encodes each step and calls
/// <see cref="IEpisodeGrain.Append"/> once an append. The limit of what any client over the gateway can do.
/// </summary>
internal sealed class GrainTarget : IBenchTarget
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    // 30 s of "busy" or "unavailable" without a break.
    private const int MostRetries = 600;

    private readonly IHost _host;
    private readonly IClusterClient _cluster;
    private readonly StepPool _pool;
    private readonly TimeProvider _time;
    private readonly int _connections;

    private GrainTarget(IHost host, StepPool pool, int connections, TimeProvider time)
    {
        _host = host;
        _cluster = host.Services.GetRequiredService<IClusterClient>();
        _pool = pool;
        _time = time;
        _connections = connections;
    }

    public string Description => $"Orleans gateway, a grain call an append, {_connections} connection{(_connections == 1 ? "" : "s")}";

    public static async Task<GrainTarget> ConnectAsync(IPEndPoint gateway, string? apiKey, StepPool pool, int connections, TimeProvider time, CancellationToken cancellation)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.UseOrleansClient(client =>
        {
            client.UseStaticClustering(gateway);
            if (apiKey is not null)
                client.AddOutgoingGrainCallFilter(new KeyFilter(apiKey));
            client.Configure<Orleans.Configuration.ConnectionOptions>(options => options.ConnectionsPerEndpoint = connections);
        });
        var host = builder.Build();
        try
        {
            await host.StartAsync(cancellation);
            return new GrainTarget(host, pool, connections, time);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            host.Dispose();
            throw new CliException(ExitCode.Unreachable, "unreachable", $"No Orleans gateway answers at {gateway}: {e.Message}");
        }
    }

    public async Task StartAsync(LoadEpisode episode, CancellationToken cancellation)
    {
        var worker = $"bench.{episode.Number}";
        var reply = await _cluster.GetGrain<ILoggerGrain>(LoggerKey.Of(EpisodeKey.DefaultProject, worker)).Start(new StartEpisode
        {
            Project = EpisodeKey.DefaultProject, Worker = worker, Task = "bench", VariantId = "grain", Writer = "rollbook.bench", Takeover = true, BodyHash = 1,
        });
        if (reply.Code != RollbookCode.Ok)
            throw Refused("start", reply.Code);
        episode.Id = reply.Record!.Key.Id.ToString();
        episode.WriterEpoch = reply.WriterEpoch;
    }

    public Task SendAsync(LoadRun run, CancellationToken cancellation) => Task.WhenAll(run.Episodes.Select(episode => SendAsync(run, episode, cancellation)));

    public async Task<long> CallAsync(IReadOnlyList<LoadEpisode> episodes, TimeSpan length, CancellationToken cancellation)
    {
        var begun = _time.GetTimestamp();
        var calls = await Task.WhenAll(episodes.Select(async episode =>
        {
            var grain = Grain(episode);
            var count = 0L;
            while (_time.GetElapsedTime(begun) < length && !cancellation.IsCancellationRequested)
            {
                if (await grain.Heartbeat(episode.WriterEpoch) is var code && code != RollbookCode.Ok)
                    throw Refused("heartbeat", code);
                count++;
            }

            return count;
        }));
        return calls.Sum();
    }

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(LoadEpisode episode, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var grain = Grain(episode);
        for (var from = 0L; ; )
        {
            cancellation.ThrowIfCancellationRequested();
            var page = await grain.ReadSteps(from, 1000, TimeSpan.Zero);
            if (page.Code != RollbookCode.Ok)
                throw Refused("read", page.Code);
            if (page.Steps.Count == 0)
                yield break;
            for (var rest = page.Steps.Bytes; !rest.IsEmpty;)
            {
                var length = StepEntry.Read(rest.Span).Length;
                yield return rest[StepEntry.HeaderSize..length];
                rest = rest[length..];
            }

            from += page.Steps.Count;
        }
    }

    public async Task EndAsync(LoadEpisode episode, CancellationToken cancellation)
    {
        var end = new EndEpisode { Status = EpisodeStatus.Completed, Cause = "bench", NextOrdinal = episode.Next, WriterEpoch = episode.WriterEpoch };
        if (await Grain(episode).End(end) is var reply && reply.Code != RollbookCode.Ok)
            throw Refused("end", reply.Code);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private async Task SendAsync(LoadRun run, LoadEpisode episode, CancellationToken cancellation)
    {
        // Off the caller at once: a thousand loops begin together.
        await Task.Yield();
        var grain = Grain(episode);
        var encoder = new StepEncoder();
        var json = new byte[StepPool.MaxBytes];
        var retries = 0;
        var sent = 0L;
        while (run.Take(episode) > 0)
        {
            // From the first try on: a refusal for being busy is time that the episode waits.
            if (retries == 0)
                sent = run.Now();
            var request = new AppendSteps { From = episode.Next, Steps = Encode(episode, encoder, json), WriterEpoch = episode.WriterEpoch };
            var reply = await grain.Append(request);
            if (reply.Code == RollbookCode.Ok && reply.NextOrdinal == episode.Next + episode.Pending)
            {
                run.Acknowledged(episode, sent);
                retries = 0;
                continue;
            }

            if (reply.Code is not (RollbookCode.Busy or RollbookCode.Unavailable) || ++retries > MostRetries)
                throw Refused("append", reply.Code);
            run.Retried();
            await Task.Delay(Pause, _time, cancellation);
        }
    }

    private EncodedSteps Encode(LoadEpisode episode, StepEncoder encoder, byte[] json)
    {
        var output = new StepBuffer(StepPool.Length(episode.Next, episode.Pending) + StepFieldNames.PrefixBytes + ((episode.Pending + 1) * StepEntry.HeaderSize));
        var receivedAt = UnixTime.Micros(_time.GetUtcNow());
        for (var i = 0; i < episode.Pending; i++)
        {
            var step = json.AsSpan(0, _pool.Write(episode.Number, episode.Next + i, json));
            var reader = new Utf8JsonReader(step);
            reader.Read();
            encoder.Encode(ref reader, step, receivedAt, output);
        }

        return new EncodedSteps(episode.Pending, output.Take());
    }

    private IEpisodeGrain Grain(LoadEpisode episode) => _cluster.GetGrain<IEpisodeGrain>($"{EpisodeKey.DefaultProject}/{episode.Id}");

    private static CliException Refused(string call, RollbookCode code) => new(ExitCode.Failed, "refused", $"The recorder refused a call ({call}) with {code}.");
}

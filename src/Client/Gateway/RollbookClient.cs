using Microsoft.Extensions.Logging;

namespace Rollbook.Client;

/// <summary>A connection to the recorder over its Orleans gateway: loggers that record, and reads. One per process serves any number of loggers.</summary>
/// <remarks>
/// <see cref="ConnectAsync(string, CancellationToken)"/> makes an Orleans client of its own; a host that has an <see cref="IClusterClient"/> uses
/// <see cref="RollbookClientHosting.AddRollbookClient"/>.
/// </remarks>
/// <example>
/// <code>
/// await using var client = await RollbookClient.ConnectAsync("127.0.0.1:30000");
/// await using var log = client.CreateLogger("worker-0");
/// </code>
/// </example>
public sealed partial class RollbookClient : IAsyncDisposable
{
    private readonly ClientCore core;
    private readonly GatewayTries tries;
    private readonly Heartbeats heartbeats;
    private readonly IAsyncDisposable? connection;
    private bool disposed;

    internal RollbookClient(ClientCore core, IAsyncDisposable? connection = null)
    {
        this.core = core;
        this.connection = connection;
        tries = new GatewayTries(core);
        heartbeats = new Heartbeats(core);
    }

    /// <summary>Connects to the recorder.</summary>
    /// <param name="gateways">Its gateways, <c>host:port</c>, several with commas between; a recorder is started with <c>--gateway-port PORT</c>.</param>
    /// <param name="cancellationToken">Ends the trying.</param>
    /// <exception cref="UnavailableException">No gateway answered in <see cref="RollbookClientOptions.GiveUpAfter"/>.</exception>
    public static Task<RollbookClient> ConnectAsync(string gateways, CancellationToken cancellationToken = default) =>
        ConnectAsync(new RollbookClientOptions { Gateways = gateways }, null, cancellationToken);

    /// <summary>Connects to the recorder.</summary>
    /// <param name="options">Where it is and how to try.</param>
    /// <param name="loggers">Takes what Orleans logs; null = nothing.</param>
    /// <param name="cancellationToken">Ends the trying.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">An option can't be used; the message names it and the cure.</exception>
    /// <exception cref="UnavailableException">No gateway answered in <see cref="RollbookClientOptions.GiveUpAfter"/>.</exception>
    public static async Task<RollbookClient> ConnectAsync(
        RollbookClientOptions options, ILoggerFactory? loggers = null, CancellationToken cancellationToken = default)
    {
        RollbookClientOptionsCheck.Checked(options);
        var connection = await GatewayConnection.OpenAsync(options, loggers, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        return new RollbookClient(new ClientCore(connection.Client, ManyEpisodesTransport.Of(connection.Client, options, TimeProvider.System), options, TimeProvider.System), connection);
    }

    /// <summary>A logger of one worker. Making one sends nothing.</summary>
    /// <param name="worker">Names the environment instance: 1 to 128 characters of <c>A-Z a-z 0-9 . _ ~ : @ + -</c>. Each live one needs its own.</param>
    /// <exception cref="ArgumentException">The name can't be one.</exception>
    public TrajectoryLogger CreateLogger(string worker)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref disposed), this);
        return new TrajectoryLogger(this, core, heartbeats, worker);
    }

    /// <summary>Sends what its loggers still hold, and closes the connection.</summary>
    /// <exception cref="UnavailableException">Something is not known durable and was dropped.</exception>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, true)) return;
        try
        {
            await heartbeats.DisposeAsync().ConfigureAwait(false);
            await Task.WhenAll(heartbeats.Writers.Select(static writer => writer.FinishAsync(static () => new NoEpisodeException("The client was disposed of; make another."))))
                .ConfigureAwait(false);
        }
        finally
        {
            if (connection is not null) await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}

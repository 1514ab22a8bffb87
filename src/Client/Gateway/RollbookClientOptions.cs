namespace Rollbook.Client;

/// <summary>How a <see cref="RollbookClient"/> reaches the recorder, how much it holds and how long it tries. The defaults work with a recorder on this machine.</summary>
public sealed record RollbookClientOptions
{
    /// <summary>The configuration section that <see cref="RollbookClientHosting.AddRollbookClient"/> binds.</summary>
    public const string Section = "Rollbook:Client";

    /// <summary>
    /// The recorder's gateways, <c>host:port</c>, several with commas between. The recorder's option <c>--gateway-port</c> sets the port.
    /// Only <see cref="RollbookClient.ConnectAsync(RollbookClientOptions, Microsoft.Extensions.Logging.ILoggerFactory?, CancellationToken)"/> reads this.
    /// </summary>
    public string Gateways { get; set; } = "127.0.0.1:30000";

    /// <summary>The recorder's Orleans cluster id. Read like <see cref="Gateways"/>.</summary>
    public string ClusterId { get; set; } = "default";

    /// <summary>The recorder's Orleans service id. Read like <see cref="Gateways"/>.</summary>
    public string ServiceId { get; set; } = "default";

    /// <summary>
    /// The API key, or a token of the recorder's issuer, for a recorder that asks for one; null = none. It must be of <see cref="Project"/>, with the scope ingest to
    /// record and read to read. A secret: take it from the environment (<c>Rollbook__Client__ApiKey</c>), not from a file that is shared.
    /// </summary>
    public string? ApiKey { get; set; }

    /// <summary>
    /// Gives tokens of the recorder's issuer, instead of <see cref="ApiKey"/>. It is called before the first call, again in the background when a fifth of the token's
    /// time is left (5 min at most), and at once where the recorder doesn't accept the token; that call is then sent again with the new one. One call of it at a time.
    /// It may take <see cref="CallTimeout"/>. Where it throws, it is not called again for a second, and the token in use goes on to its end; after that calls fail like those
    /// that get no answer, and are tried again. So are calls whose token is not accepted, until <see cref="GiveUpAfter"/>.
    /// </summary>
    /// <example>
    /// <code>
    /// options.TokenProvider = async stop =>
    /// {
    ///     var token = await credential.GetTokenAsync(new TokenRequestContext(["api://rollbook/.default"]), stop);
    ///     return new BearerToken(token.Token, token.ExpiresOn);
    /// };
    /// </code>
    /// </example>
    public Func<CancellationToken, ValueTask<BearerToken>>? TokenProvider { get; set; }

    /// <summary>The tenant. Where the recorder asks for a key or token, its own.</summary>
    public string Project { get; set; } = EpisodeKey.DefaultProject;

    /// <summary>
    /// How long the recorder may give no final answer before calls throw <see cref="UnavailableException"/>, counted from the first failure; also the
    /// longest wait for room and for the first connection. Zero: the first failure throws. Default 120 s.
    /// </summary>
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromSeconds(120);

    /// <summary>
    /// Longest wait for the answer to one call; afterwards its outcome is unknown and it is sent again. It is sent again at once where the connection to a gateway is
    /// lost, as when its process is killed; this is for machines and networks that just fall silent. Read like <see cref="Gateways"/>. Default 30 s.
    /// </summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Upper end of the first pause between two tries; it doubles up to <see cref="MaxDelay"/>. Default 50 ms.</summary>
    public TimeSpan FirstDelay { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest pause between two tries. Default 2 s.</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How often open episodes that record nothing show a sign of life. The recorder takes a writer for gone after 30 s without one. Default 10 s.
    /// </summary>
    public TimeSpan HeartbeatEvery { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of one call's steps at most, unless one step alone is larger: 64 KiB to 4 MiB. Default 1 MiB.</summary>
    public int MaxBatchBytes { get; set; } = 1024 * 1024;

    /// <summary>Bytes of unacknowledged steps that one logger holds; over them <c>RecordStepAsync</c> waits. Default 16 MiB.</summary>
    public long MaxLoggerBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Bytes of unacknowledged steps that all loggers of the client hold together; over them <c>RecordStepAsync</c> waits. Default 256 MiB.</summary>
    public long MaxClientBytes { get; set; } = 256 * 1024 * 1024;

    /// <summary>Seed of the jitter of pauses, so that a run can be repeated; null takes a random one.</summary>
    public int? JitterSeed { get; set; }

    /// <summary>The options without the secret: <c>ApiKey = set</c> or <c>none</c>.</summary>
    public override string ToString() =>
        $"RollbookClientOptions {{ Gateways = {Gateways}, ClusterId = {ClusterId}, ServiceId = {ServiceId}, ApiKey = {(ApiKey is null ? "none" : "set")}, TokenProvider = {(TokenProvider is null ? "none" : "set")}, "
        + $"Project = {Project}, GiveUpAfter = {GiveUpAfter}, CallTimeout = {CallTimeout}, FirstDelay = {FirstDelay}, MaxDelay = {MaxDelay}, HeartbeatEvery = {HeartbeatEvery}, "
        + $"MaxBatchBytes = {MaxBatchBytes}, MaxLoggerBytes = {MaxLoggerBytes}, MaxClientBytes = {MaxClientBytes}, JitterSeed = {JitterSeed} }}";
}

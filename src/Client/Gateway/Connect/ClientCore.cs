namespace Rollbook.Client;

/// <summary>What a client's loggers and reads share.</summary>
internal sealed class ClientCore(IGrainFactory grains, IStepTransport transport, RollbookClientOptions options, TimeProvider time)
{
    /// <summary>Finds grains.</summary>
    public IGrainFactory Grains { get; } = grains;

    /// <summary>Carries steps.</summary>
    public IStepTransport Transport { get; } = transport;

    /// <summary>The options, checked.</summary>
    public RollbookClientOptions Options { get; } = options;

    /// <summary>The clock of pauses, receive times and minted ids.</summary>
    public TimeProvider Time { get; } = time;

    /// <summary>Bytes of unacknowledged steps.</summary>
    public ByteBudget Budget { get; } = new(options.MaxClientBytes);

    /// <summary>Pauses between tries.</summary>
    public Pauses Pauses { get; } = new(options.FirstDelay, options.MaxDelay, options.JitterSeed);

    /// <summary>The time to be written into steps, Unix microseconds.</summary>
    public long Now => UnixTime.Micros(Time.GetUtcNow());

    /// <summary>Keeps large texts.</summary>
    public KeptTexts Texts { get; } = new(sha256 => grains.GetGrain<IBlobGrain>(new BlobKey(options.Project, sha256).ToString()));

    /// <summary>Whether the same call stays refused until somebody acts. A token that is not accepted is not such: the provider's next one may be.</summary>
    public bool IsFinal(AccessDeniedException denied) => Options.TokenProvider is null || denied.Code != AccessDeniedException.Unauthenticated;

    /// <summary>A large value of the client's project.</summary>
    public IBlobGrain BlobGrain(string sha256) => Grains.GetGrain<IBlobGrain>(new BlobKey(Options.Project, sha256).ToString());

    /// <summary>An episode of the client's project.</summary>
    public EpisodeRoute Route(EpisodeId id) => EpisodeRoute.Of(new EpisodeKey(Options.Project, id), Grains);
}

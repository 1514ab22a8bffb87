namespace Rollbook.Client;

/// <summary>How a <see cref="RollbookHttpClient"/> reaches the recorder and how long it keeps trying.</summary>
public sealed record RollbookHttpOptions
{
    /// <summary>Address of the recorder. Default <c>http://127.0.0.1:5080</c>.</summary>
    public Uri BaseAddress { get; init; } = new("http://127.0.0.1:5080");

    /// <summary>Sent as <c>Authorization: Bearer</c>; null sends none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Longest wait for the answer to one request; afterwards its outcome is unknown and it is sent again.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest silence on a streamed read before it is opened again. The recorder sends a comment every 15 s on a live stream.</summary>
    public TimeSpan StreamSilence { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>How long a request of unknown outcome is repeated before the last error is thrown. Zero: never repeated.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Upper end of the first pause between two tries; it doubles up to <see cref="MaxDelay"/>.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest pause between two tries, unless the recorder's <c>Retry-After</c> asks for more.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Seed of the jitter, so that a run can be repeated; null takes a random one.</summary>
    public int? JitterSeed { get; init; }

    /// <summary>The clock of time-outs and pauses.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The options without the secret: <c>ApiKey = set</c> or <c>none</c>.</summary>
    public override string ToString() =>
        $"RollbookHttpOptions {{ BaseAddress = {BaseAddress}, ApiKey = {(ApiKey is null ? "none" : "set")}, RequestTimeout = {RequestTimeout}, StreamSilence = {StreamSilence}, "
        + $"GiveUpAfter = {GiveUpAfter}, FirstDelay = {FirstDelay}, MaxDelay = {MaxDelay}, JitterSeed = {JitterSeed}, TimeProvider = {TimeProvider} }}";
}

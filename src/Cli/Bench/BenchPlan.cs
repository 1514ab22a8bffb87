using System.Net;

namespace Rollbook.Cli;

/// <summary>What a benchmark does: the command line, checked.</summary>
internal sealed record BenchPlan
{
    /// <summary>The recorder's HTTP API.</summary>
    public const string Http = "http";

    /// <summary>The Orleans gateway, by a grain call an append.</summary>
    public const string Grain = "grain";

    /// <summary>The Orleans gateway, by the C# client.</summary>
    public const string ByClient = "gateway";

    public const string Lockstep = "lockstep";

    public const string Batches = "batch";

    public const string Across = "across";

    public required string Via { get; init; }

    public required string Mode { get; init; }

    /// <summary>Episodes that record at the same time.</summary>
    public required int Episodes { get; init; }

    /// <summary>Steps an episode; null: as many as <see cref="Length"/> allows.</summary>
    public long? Steps { get; init; }

    public required TimeSpan Length { get; init; }

    /// <summary>Load before the measured stretch, which JIT compilation and file preparation would falsify.</summary>
    public required TimeSpan Warmup { get; init; }

    /// <summary>Steps an append.</summary>
    public required int Batch { get; init; }

    /// <summary>Steps a second that are offered, however long the answers take; null: as many as the recorder takes.</summary>
    public double? Rate { get; init; }

    public required int Connections { get; init; }

    /// <summary>A running recorder's HTTP API; null: none was given.</summary>
    public Uri? Url { get; init; }

    /// <summary>A running recorder's gateway; null: none was given.</summary>
    public IPEndPoint? Gateway { get; init; }

    /// <summary>The key of a running recorder; null: none was given.</summary>
    public string? ApiKey { get; init; }

    /// <summary>The recorder that the benchmark starts asks for a key.</summary>
    public bool RequireKeys { get; init; }

    public string? Silo { get; init; }

    public string? Data { get; init; }

    public required int Seed { get; init; }

    /// <summary>Episodes to read back; null: all of a small run, 20 of a large one.</summary>
    public int? Verify { get; init; }

    /// <summary>Also measure what the disk and the way give without the recorder.</summary>
    public required bool Limits { get; init; }

    /// <summary>True where the benchmark starts a recorder for itself.</summary>
    public bool OwnRecorder => Url is null && Gateway is null;

    /// <summary>The plan without the secret: <c>ApiKey = set</c> or <c>none</c>.</summary>
    public override string ToString() =>
        $"BenchPlan {{ Via = {Via}, Mode = {Mode}, Episodes = {Episodes}, Steps = {Steps}, Length = {Length}, Warmup = {Warmup}, Batch = {Batch}, Rate = {Rate}, Connections = {Connections}, Url = {Url}, "
        + $"Gateway = {Gateway}, ApiKey = {(ApiKey is null ? "none" : "set")}, RequireKeys = {RequireKeys}, Silo = {Silo}, Data = {Data}, Seed = {Seed}, Verify = {Verify}, Limits = {Limits}, OwnRecorder = {OwnRecorder} }}";
}

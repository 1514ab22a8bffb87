namespace Rollbook.Cli;

/// <summary>The figures of one run.</summary>
internal sealed record BenchResult
{
    public required BenchPlan Plan { get; init; }

    /// <summary>The way and the client.</summary>
    public required string Way { get; init; }

    /// <summary>Where the recorder's files lie, and on which file system; null for a running recorder.</summary>
    public string? Data { get; init; }

    public string? FileSystem { get; init; }

    public required long Steps { get; init; }

    public required long Bytes { get; init; }

    public required TimeSpan Elapsed { get; init; }

    public required LatencyHistogram Latency { get; init; }

    public required long Retries { get; init; }

    public required double ClientCpuSeconds { get; init; }

    /// <summary>Null where nobody tells.</summary>
    public double? ServerCpuSeconds { get; init; }

    public required long VerifiedSteps { get; init; }

    public required int VerifiedEpisodes { get; init; }

    /// <summary>Chunks like a full group commit's.</summary>
    public RawCommit? LargeCommit { get; init; }

    /// <summary>Chunks like a lone step's.</summary>
    public RawCommit? SmallCommit { get; init; }

    /// <summary>The cheapest calls of the same way.</summary>
    public BareCalls? Calls { get; init; }

    public double StepsPerSecond => Steps / Math.Max(Elapsed.TotalSeconds, 1e-9);

    /// <summary>Steps a second that the disk alone would take.</summary>
    public double? RawStepsPerSecond => LargeCommit?.BytesPerSecond / StepPool.MeanBytes;

    /// <summary>CPU seconds of the recorder per million steps; null where nobody tells.</summary>
    public double? ServerCpu => ServerCpuSeconds / Math.Max(1, Steps) * 1e6;

    /// <summary>CPU seconds of this process per million steps.</summary>
    public double ClientCpu => ClientCpuSeconds / Math.Max(1, Steps) * 1e6;
}

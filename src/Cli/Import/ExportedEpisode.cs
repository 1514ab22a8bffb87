using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary>What the first line of an exported episode says: all of it but the steps.</summary>
internal sealed record ExportedEpisode
{
    public required string EpisodeId { get; init; }

    public required string Worker { get; init; }

    /// <summary>The start, under its own id.</summary>
    public required EpisodeStart Start { get; init; }

    public required string Status { get; init; }

    public string? EndCause { get; init; }

    public double? EndTime { get; init; }

    /// <summary>The score given at the end.</summary>
    public double? ReportedScore { get; init; }

    /// <summary>Each score event as it stands, with the episode's id.</summary>
    public required IReadOnlyList<ExportedScore> Scores { get; init; }

    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>How many steps it has.</summary>
    public required long StepCount { get; init; }

    /// <summary>Reads its steps as they are sent, each with its line end; each time from the first.</summary>
    public Func<CancellationToken, IAsyncEnumerable<ReadOnlyMemory<byte>>> Steps { get; init; } = _ => AsyncEnumerable.Empty<ReadOnlyMemory<byte>>();
}

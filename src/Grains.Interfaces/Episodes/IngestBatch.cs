namespace Rollbook;

/// <summary>One episode's batch among others.</summary>
/// <param name="Episode">The episode.</param>
/// <param name="Steps">What <see cref="IEpisodeGrain.Append"/> takes.</param>
[GenerateSerializer, Immutable, Alias("rollbook.IngestBatch")]
public readonly record struct IngestBatch([property: Id(0)] EpisodeId Episode, [property: Id(1)] AppendSteps Steps);

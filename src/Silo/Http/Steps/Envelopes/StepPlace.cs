namespace Rollbook.Silo.Http;

/// <summary>Where a line's step belongs.</summary>
/// <param name="Episode">Its episode.</param>
/// <param name="Ordinal">Its 0-based place there.</param>
/// <param name="WriterEpoch">The writer's epoch; null = unfenced.</param>
internal readonly record struct StepPlace(EpisodeId Episode, long Ordinal, long? WriterEpoch);

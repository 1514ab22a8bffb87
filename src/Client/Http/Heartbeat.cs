namespace Rollbook.Client;

/// <summary>A sign of life for one episode.</summary>
/// <param name="EpisodeId">The episode.</param>
/// <param name="WriterEpoch">The epoch of the start or resume reply; null: unfenced.</param>
public sealed record Heartbeat(string EpisodeId, long? WriterEpoch = null);

namespace Rollbook.Client;

/// <summary>Steps of one episode, as one part of an append to many.</summary>
/// <param name="EpisodeId">The episode; once an append.</param>
/// <param name="From">The ordinal of the first of them.</param>
/// <param name="Steps">JSON objects in UTF-8 without line breaks inside. Not to be changed before the call returns.</param>
/// <param name="WriterEpoch">The epoch of the start or resume reply; null writes unfenced.</param>
public sealed record StepRun(string EpisodeId, long From, IReadOnlyList<ReadOnlyMemory<byte>> Steps, long? WriterEpoch = null);

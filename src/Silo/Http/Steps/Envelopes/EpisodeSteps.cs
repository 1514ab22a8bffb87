namespace Rollbook.Silo.Http;

/// <summary>One episode's part of a request: its steps, or why none of them is taken.</summary>
/// <param name="Episode">The episode.</param>
/// <param name="From">The ordinal of the first step.</param>
/// <param name="WriterEpoch">The writer's epoch; null = unfenced.</param>
/// <param name="Steps">The steps; none where they are refused.</param>
/// <param name="Refusal">What is wrong with one of them; null = nothing.</param>
internal sealed record EpisodeSteps(EpisodeId Episode, long From, long? WriterEpoch, EncodedSteps Steps, BadJsonException? Refusal);

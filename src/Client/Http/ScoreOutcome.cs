namespace Rollbook.Client;

/// <summary>What became of one line of a batch of scores.</summary>
/// <param name="Line">Its 1-based place in the batch.</param>
/// <param name="EpisodeId">The episode, where the line names one.</param>
/// <param name="EventId">The event, where the line names one.</param>
/// <param name="Duplicate">True where the recorder had it already.</param>
/// <param name="FinalScore">The episode's effective final score now; null: not scored, or refused.</param>
/// <param name="Code">Why it was refused, or null: it is in stable storage.</param>
/// <param name="Retry">The outcome is still unknown: the same line may succeed later.</param>
/// <param name="Detail">The refusal in words, with its cure.</param>
public sealed record ScoreOutcome(
    long Line, string? EpisodeId, string? EventId, bool Duplicate = false, double? FinalScore = null, string? Code = null, bool Retry = false,
    string? Detail = null);

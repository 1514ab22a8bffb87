namespace Rollbook.Client;

/// <summary>The reply to a score, once it is durable.</summary>
/// <param name="EventId">The event.</param>
/// <param name="Duplicate">True where the recorder had it already.</param>
/// <param name="FinalScore">The episode's effective final score now; null: not scored.</param>
public sealed record ScoredEpisode(string EventId, bool Duplicate, double? FinalScore);

using System.Text.Json;

namespace Rollbook.Client;

/// <summary>A score event of an episode's record.</summary>
/// <param name="EventId">Its id within the episode.</param>
/// <param name="Name">What is scored; <c>final</c> for the episode as a whole.</param>
/// <param name="Value">The score; null: not scored.</param>
/// <param name="Source">Who gave it.</param>
/// <param name="Rationale">Why, or null.</param>
/// <param name="Metadata">The giver's own object.</param>
/// <param name="Time">Unix seconds.</param>
public sealed record RecordedScore(
    string EventId, string Name, double? Value, string Source, string? Rationale, JsonElement Metadata, double Time);

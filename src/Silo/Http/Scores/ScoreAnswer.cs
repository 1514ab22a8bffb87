namespace Rollbook.Silo.Http;

/// <summary>The acknowledgement of a score event: it is durable, and every read shows it.</summary>
internal sealed record ScoreAnswer(string EventId, bool Duplicate, double? FinalScore);

namespace Rollbook.Silo.Http;

/// <summary>What became of one episode's part of a request.</summary>
/// <param name="Part">The part's place in the request.</param>
/// <param name="Reply">The owner's answer.</param>
internal readonly record struct EpisodeOutcome(int Part, AppendReply Reply);

namespace Rollbook.Episodes;

/// <summary>One activation in this silo.</summary>
/// <param name="Owner">Used in its turns only.</param>
/// <param name="Queue">Queues a turn: a function and what it gets.</param>
internal sealed record ActiveEpisode(EpisodeOwner Owner, Action<Action<object?>, object?> Queue);

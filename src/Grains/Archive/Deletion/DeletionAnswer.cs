namespace Rollbook.Archive;

/// <summary>What became of a request to delete.</summary>
/// <param name="Receipt">Null where nothing is deleted.</param>
/// <param name="Refused">The episodes that stay, each with its reason: EpisodeRunning, EpisodePinned, EpisodeNotFound, or what its abort answered.</param>
internal sealed record DeletionAnswer(DeletionReceipt? Receipt, IReadOnlyList<(EpisodeId Id, RollbookCode Code)> Refused);

namespace Rollbook.StepLog;

/// <summary>What one project has in a log at one moment, all of it durable.</summary>
/// <param name="Episodes">Every unfinished episode that the log owns, and every ended one that a published pack may not hold yet. An episode may stand twice: the newest counts.</param>
/// <param name="ForgottenTo">Ended episodes whose newest frame lies below this chunk are forgotten: a pack that was published before this call holds them.</param>
public sealed record HeldEpisodes(IReadOnlyList<HeldEpisode> Episodes, long ForgottenTo);

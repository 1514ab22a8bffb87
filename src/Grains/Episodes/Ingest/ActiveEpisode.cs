namespace Rollbook.Episodes;

/// <summary>One activation in this silo, and the scheduler of its turns.</summary>
internal sealed record ActiveEpisode(EpisodeOwner Owner, IWorkItemScheduler Scheduler);

namespace Rollbook.Client;

/// <summary>What a live tail brings: a step, or at last the ended episode's record. One of the two is set.</summary>
/// <param name="Step">The step; null in the last event.</param>
/// <param name="Ended">The record; null but in the last event.</param>
public readonly record struct TailEvent(RecordedStep? Step, EpisodeRecord? Ended);

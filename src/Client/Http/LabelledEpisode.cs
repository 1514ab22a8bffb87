namespace Rollbook.Client;

/// <summary>The reply to a change of labels, once it is durable.</summary>
/// <param name="EventId">The event.</param>
/// <param name="Duplicate">True where the recorder had it already.</param>
/// <param name="Labels">All labels of the episode now, sorted.</param>
public sealed record LabelledEpisode(string EventId, bool Duplicate, IReadOnlyList<string> Labels);

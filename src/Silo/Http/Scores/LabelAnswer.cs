namespace Rollbook.Silo.Http;

/// <summary>The acknowledgement of a label event, with the labels that the episode has now.</summary>
internal sealed record LabelAnswer(string EventId, bool Duplicate, IReadOnlyList<string> Labels);

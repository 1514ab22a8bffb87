namespace Rollbook.Silo.Http;

/// <summary>A worker: what it records now and what it recorded last.</summary>
internal sealed record WorkerAnswer(string Worker, string Status, SummaryAnswer? Current, IReadOnlyList<SummaryAnswer> History);

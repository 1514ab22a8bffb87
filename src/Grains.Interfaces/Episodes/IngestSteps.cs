namespace Rollbook;

/// <summary>Batches of several episodes of one project.</summary>
/// <param name="Project">The tenant.</param>
/// <param name="Batches">At most one of an episode.</param>
[GenerateSerializer, Immutable, Alias("rollbook.IngestSteps")]
public sealed record IngestSteps([property: Id(0)] string Project, [property: Id(1)] IngestBatch[] Batches);

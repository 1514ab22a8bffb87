namespace Rollbook.Silo.Tests.Http;

/// <summary>Tests that measure what the whole process allocates run while no other test does.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;

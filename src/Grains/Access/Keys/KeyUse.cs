namespace Rollbook.Access;

/// <summary>When a key was last used.</summary>
/// <param name="Id">The key's id.</param>
/// <param name="At">Unix milliseconds.</param>
[GenerateSerializer, Immutable, Alias("rollbook.KeyUse")]
internal readonly record struct KeyUse([property: Id(0)] string Id, [property: Id(1)] long At);

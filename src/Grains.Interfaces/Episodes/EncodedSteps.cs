namespace Rollbook;

/// <summary>
/// Steps as the edge encoded them: entries of <c>StepEntry</c>'s layout one after another, opaque and immutable from the edge
/// to the log. Whoever makes one gives the bytes away and never writes them again.
/// </summary>
/// <param name="Count">How many entries there are, at least 1.</param>
/// <param name="Bytes">The entries.</param>
[GenerateSerializer, Immutable, Alias("rollbook.EncodedSteps")]
public readonly record struct EncodedSteps([property: Id(0)] int Count, [property: Id(1)] ReadOnlyMemory<byte> Bytes);

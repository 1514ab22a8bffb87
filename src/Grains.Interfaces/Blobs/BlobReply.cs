namespace Rollbook;

/// <summary>The answer to a piece of a large value.</summary>
/// <param name="Code">Ok, or why nothing was taken.</param>
/// <param name="Next">With <see cref="RollbookCode.Ok"/> the place of the next piece; the value's length = it is durable, whole.</param>
[GenerateSerializer, Immutable, Alias("rollbook.BlobReply")]
public readonly record struct BlobReply([property: Id(0)] RollbookCode Code, [property: Id(1)] long Next);

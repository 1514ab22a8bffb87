namespace Rollbook.Silo.Http;

/// <summary>What the wire tells of an append's reply.</summary>
internal static class AppendReplies
{
    /// <summary>The ordinal that a refusal names; null where it names none.</summary>
    public static long? Expected(this AppendReply reply) =>
        reply.Code is RollbookCode.OrdinalGap or RollbookCode.OrdinalConflict ? reply.NextOrdinal : null;

    /// <summary>What to do about a refusal where its kind's own sentence doesn't say enough; null where it does.</summary>
    public static string? Cure(this AppendReply reply) => reply is { Code: RollbookCode.UnknownBlob, Blob: { } hash }
        ? $"There is no large value {hash}. Nothing was taken: PUT it to /v1/blobs/{hash}, then send the steps again."
        : null;
}

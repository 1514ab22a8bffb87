namespace Rollbook.Silo.Http;

/// <summary>What the wire tells of an append's reply.</summary>
internal static class AppendReplies
{
    /// <summary>The ordinal that a refusal names; null where it names none.</summary>
    public static long? Expected(this AppendReply reply) =>
        reply.Code is RollbookCode.OrdinalGap or RollbookCode.OrdinalConflict ? reply.NextOrdinal : null;
}

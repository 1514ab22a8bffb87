namespace Rollbook.Episodes;

/// <summary>What the hashes of a tail say of a batch: how much of it is recorded already, and whether it is the same.</summary>
/// <param name="Duplicates">How many of the batch's first steps stand below the next ordinal.</param>
/// <param name="DuplicateBytes">Their length.</param>
/// <param name="ConflictAt">The first ordinal at which another step is recorded; null = none.</param>
/// <param name="OlderThanKept">The ordinal below which the hashes are not kept and the record must be compared; null where all were found.</param>
internal readonly record struct DuplicateCheck(int Duplicates, int DuplicateBytes, long? ConflictAt, long? OlderThanKept)
{
    /// <summary>Checks the part of a batch that lies below <paramref name="next"/>. A pure function.</summary>
    /// <param name="hashes">The hashes kept.</param>
    /// <param name="request">The batch.</param>
    /// <param name="next">The next ordinal.</param>
    /// <param name="comparedTo">Steps below this ordinal were compared with the record before.</param>
    public static DuplicateCheck Run(HashRing hashes, AppendSteps request, long next, long comparedTo)
    {
        var duplicates = (int)Math.Clamp(next - request.From, 0, request.Steps.Count);
        var bytes = request.Steps.Bytes.Span;
        var length = 0;
        long? older = null;
        for (var i = 0; i < duplicates; i++)
        {
            var step = StepEntry.Read(bytes[length..]);
            length += step.Length;
            if (!hashes.TryGet(request.From + i, out var recorded))
            {
                if (request.From + i >= comparedTo) older = request.From + i + 1;
            }
            else if (recorded != step.Hash)
            {
                return new DuplicateCheck(i, length, request.From + i, null);
            }
        }

        return new DuplicateCheck(duplicates, length, null, older);
    }
}

namespace Rollbook.Silo.Http;

/// <summary>Appends a batch of any size.</summary>
internal static class SlicedAppend
{
    /// <summary>Sends the steps in calls of bounded size, one after another, whether or not somebody still waits for the answer.</summary>
    /// <returns>The sum of the replies, or the first refusal; what was taken before it stands.</returns>
    public static ValueTask<AppendReply> AppendSlicedAsync(this IEpisodeGrain grain, long from, EncodedSteps steps, long? writerEpoch) =>
        steps.Bytes.Length <= StepSlices.MaxBytes
            ? grain.Append(new AppendSteps { From = from, Steps = steps, WriterEpoch = writerEpoch })
            : AppendSlicesAsync(grain, from, steps, writerEpoch);

    private static async ValueTask<AppendReply> AppendSlicesAsync(IEpisodeGrain grain, long from, EncodedSteps steps, long? writerEpoch)
    {
        var duplicates = 0;
        AppendReply reply = default;
        foreach (var slice in StepSlices.Cut(steps))
        {
            reply = await grain.Append(new AppendSteps { From = from, Steps = slice, WriterEpoch = writerEpoch });
            if (reply.Code != RollbookCode.Ok) return reply;
            duplicates += reply.Duplicates;
            from = reply.NextOrdinal;
        }

        return reply with { Duplicates = duplicates };
    }

    /// <summary>The ordinal that a refusal names; null where it names none.</summary>
    public static long? Expected(this AppendReply reply) =>
        reply.Code is RollbookCode.OrdinalGap or RollbookCode.OrdinalConflict ? reply.NextOrdinal : null;
}

using System.Buffers.Binary;

namespace Rollbook.Episodes;

/// <summary>The receive times of an episode's steps, which several edges take from clocks that may jump.</summary>
internal static class ReceiveTimes
{
    /// <summary>The entries with times that never go back: where one would, the last one before it stands again. The hash does not cover them.</summary>
    /// <param name="last">The receive time of the step before; 0 = none.</param>
    /// <param name="entries">Whole entries. Copied only where a time must be changed.</param>
    public static ReadOnlySpan<byte> Ascending(long last, ReadOnlySpan<byte> entries)
    {
        byte[]? copy = null;
        for (var at = 0; at < entries.Length;)
        {
            var step = StepEntry.Read(entries[at..]);
            if (step.ReceivedAt < last)
            {
                copy ??= entries.ToArray();
                BinaryPrimitives.WriteInt64LittleEndian(copy.AsSpan(at + StepEntry.ReceivedAtOffset), last);
            }
            else
            {
                last = step.ReceivedAt;
            }

            at += step.Length;
        }

        return copy ?? entries;
    }
}

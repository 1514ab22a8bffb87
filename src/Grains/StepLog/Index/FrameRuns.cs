namespace Rollbook.StepLog;

/// <summary>Searches an episode's entries, whose ordinals never fall within one log.</summary>
internal static class FrameRuns
{
    /// <summary>Adds the entries that end past an ordinal, and those of no steps from it on, until the list is full.</summary>
    public static void AddFrom(ReadOnlySpan<IndexEntry> run, long from, int limit, List<IndexEntry> into)
    {
        int low = 0, high = run.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            var entry = run[middle];
            if (entry.Ordinal < from && entry.Ordinal + entry.Count <= from) low = middle + 1;
            else high = middle;
        }

        run = run[low..];
        foreach (ref readonly var entry in run[..Math.Min(run.Length, Math.Max(0, limit - into.Count))]) into.Add(entry);
    }
}

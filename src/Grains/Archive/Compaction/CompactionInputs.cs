using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>The packs that one compaction reads: of each log the oldest ones without a gap, so that what is left of them is one stretch again.</summary>
internal sealed class CompactionInputs
{
    private readonly Dictionary<LogId, long> ends;

    private CompactionInputs(IReadOnlyList<Pack> packs)
    {
        Packs = packs;
        Logs = [.. packs.GroupBy(static p => p.Log).Select(static g => (IReadOnlyList<Pack>)[.. g.OrderBy(static p => p.From)])];
        ends = Logs.ToDictionary(static l => l[0].Log, static l => l[^1].To);
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<Pack> Packs { get; }

    /// <summary>The packs of each log, in its order.</summary>
    public IReadOnlyList<IReadOnlyList<Pack>> Logs { get; }

    /// <summary>Chooses among the packs of a manifest.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="madeBefore">Younger packs wait, Unix milliseconds: an episode that ends now is scored soon, and its siblings end soon.</param>
    /// <param name="mostBytes">The sum of what is read.</param>
    public static CompactionInputs Choose(Manifest manifest, long madeBefore, long mostBytes)
    {
        var chosen = new List<Pack>();
        var closed = new HashSet<LogId>();
        long bytes = 0;
        foreach (var pack in manifest.Packs.Where(static p => p.Day is null).OrderBy(static p => p.At).ThenBy(static p => p.Log).ThenBy(static p => p.From))
        {
            if (closed.Contains(pack.Log)) continue;
            var size = pack.Files.Sum(static f => f.Bytes);
            if (pack.At >= madeBefore || (chosen.Count > 0 && bytes + size > mostBytes))
            {
                closed.Add(pack.Log);
                continue;
            }

            chosen.Add(pack);
            bytes += size;
        }

        return new CompactionInputs(chosen);
    }

    /// <summary>Whether a chunk of a log went into one of them.</summary>
    public bool Hold(LogId log, long chunk) => ends.TryGetValue(log, out var end) && chunk < end;
}

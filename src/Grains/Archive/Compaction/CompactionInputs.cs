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
        foreach (var (pack, at) in manifest.Packs.Where(static p => p.Day is null).GroupBy(static p => p.Log).SelectMany(InLogOrder)
            .OrderBy(static p => p.At).ThenBy(static p => p.Pack.Log).ThenBy(static p => p.Pack.From))
        {
            if (closed.Contains(pack.Log)) continue;
            var size = pack.Files.Sum(static f => f.Bytes);
            if (at >= madeBefore || (chosen.Count > 0 && bytes + size > mostBytes))
            {
                closed.Add(pack.Log);
                continue;
            }

            chosen.Add(pack);
            bytes += size;
        }

        return new CompactionInputs(chosen);
    }

    // The packs of one log may be of several silos, whose clocks differ: none is taken before one that lies before it.
    private static IEnumerable<(Pack Pack, long At)> InLogOrder(IEnumerable<Pack> packs)
    {
        var at = long.MinValue;
        foreach (var pack in packs.OrderBy(static p => p.From)) yield return (pack, at = Math.Max(at, pack.At));
    }

    /// <summary>Whether a chunk of a log went into one of them.</summary>
    public bool Hold(LogId log, long chunk) => ends.TryGetValue(log, out var end) && chunk < end;
}

using System.Collections.Concurrent;
using Rollbook.Archive;

namespace Rollbook.Query;

/// <summary>
/// The texts of archived episodes that stay in the files, read where they lie. The engine would decompress them of all rows of a row group to give those of one, which
/// for a page whose rows are spread over all files is most of its time.
/// </summary>
internal sealed class WideTexts
{
    private static readonly byte[][] Columns = ["metadata"u8.ToArray(), "initial_observation"u8.ToArray()];

    private readonly ConcurrentDictionary<int, PageIndex?> indexes = new();

    /// <summary>Reads those of some rows of one file.</summary>
    /// <param name="number">The file's number in its table.</param>
    /// <param name="path">The file.</param>
    /// <param name="places">The rows' places in it.</param>
    /// <returns>Of each row its metadata and its initial observation; null where the file is laid out in another way, so that the engine has to read it.</returns>
    /// <exception cref="PackDamagedException">They are not what was written.</exception>
    public IReadOnlyList<(string? Metadata, string? InitialObservation)>? Read(int number, string path, IReadOnlyList<long> places)
    {
        if (indexes.GetOrAdd(number, static (_, path) => PagedTexts.IndexOf(path, Columns), path) is not { } index) return null;
        using var texts = PagedTexts.Open(path, index);
        var rows = new List<(string?, string?)>(places.Count);
        foreach (var place in places)
        {
            if (!texts.TryRead(place, 0, out var metadata) || !texts.TryRead(place, 1, out var observation)) return null;
            rows.Add((metadata, observation));
        }

        return rows;
    }

    /// <summary>Forgets files that are no longer read.</summary>
    public void Forget(IEnumerable<int> numbers)
    {
        foreach (var number in numbers) indexes.TryRemove(number, out _);
    }
}

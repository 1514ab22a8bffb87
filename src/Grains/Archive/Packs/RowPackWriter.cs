using Rollbook.Export;

namespace Rollbook.Archive;

/// <summary>Writes a file whose rows are read as wholes, row by row. Its memory is that of one row group.</summary>
/// <param name="to">Takes the file; left open.</param>
/// <param name="kind">What the rows are.</param>
/// <param name="columns">Their columns.</param>
/// <param name="episodeOf">A row's episode.</param>
/// <param name="sizeOf">About how many bytes a row's long texts have.</param>
/// <param name="tuning">How it is laid out.</param>
internal sealed class RowPackWriter<TRow>(
    Stream to, ArchiveKind kind, RowColumns<TRow> columns, Func<TRow, EpisodeId> episodeOf, Func<TRow, long> sizeOf, PackTuning tuning) : IDisposable
{
    private readonly PackWriter writer = new(to, kind, columns.All, columns.All, tuning);
    private PackKey first;
    private PackKey last;
    private bool any;
    private int count;
    private long bytes;

    /// <summary>Adds a row.</summary>
    /// <exception cref="ArgumentException">It sorts before the last one.</exception>
    public void Add(TRow row)
    {
        var key = new PackKey(episodeOf(row), 0);
        if (any && key.CompareTo(last) < 0) throw new ArgumentException($"Rows are packed in the order of episodes: {key.Episode} came behind {last.Episode}.", nameof(row));
        // All rows of an episode lie in one row group, so that they are found by reading one.
        if ((count >= tuning.GroupRows || bytes >= tuning.GroupBytes) && key != last) Flush();
        if (count++ == 0) first = key;
        columns.Add(row);
        bytes += sizeOf(row);
        (last, any) = (key, true);
    }

    /// <summary>Ends the file; without this it is none.</summary>
    /// <param name="leftOut">See <see cref="PackWriter.Complete"/>.</param>
    /// <returns>How many rows it has.</returns>
    public long Complete(IReadOnlyList<LeftOut>? leftOut = null)
    {
        Flush();
        writer.Complete(leftOut);
        return writer.Rows;
    }

    /// <inheritdoc/>
    public void Dispose() => writer.Dispose();

    private void Flush()
    {
        writer.Flush(first, last);
        (count, bytes) = (0, 0);
    }
}

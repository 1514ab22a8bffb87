using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>The columns that say which frame of which log a row was made of.</summary>
internal sealed class FrameColumns
{
    public FrameColumns() => All = [Term, Log, Chunk, Place];

    public PackColumn[] All { get; }

    public ValueColumn<long> Term { get; } = new("term", false, PackEncoding.Dictionary);

    public TextColumn Log { get; } = new("log", false, PackEncoding.Dictionary);

    public ValueColumn<long> Chunk { get; } = new("chunk", false, PackEncoding.Dictionary);

    public ValueColumn<int> Place { get; } = new("place", false, PackEncoding.Delta);

    public void Add(long term, LogId log, long chunk, int place)
    {
        Term.Add(term);
        Log.Add(log.ToString());
        Chunk.Add(chunk);
        Place.Add(place);
    }
}

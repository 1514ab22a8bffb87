using Rollbook.Threads;

namespace Rollbook.Archive;

/// <summary>The threads of a silo's archive: apart from each other, since the log fills while a compaction takes its time.</summary>
internal sealed class ArchiveThreads : IDisposable
{
    /// <summary>Packs the own log.</summary>
    public BackgroundThread Packing { get; } = new("rollbook-packing");

    /// <summary>Packs dead logs.</summary>
    public BackgroundThread PackingDead { get; } = new("rollbook-packing-dead");

    /// <summary>Compacts and deletes.</summary>
    public BackgroundThread Compacting { get; } = new("rollbook-compacting");

    /// <inheritdoc/>
    public void Dispose()
    {
        Packing.Dispose();
        PackingDead.Dispose();
        Compacting.Dispose();
    }
}

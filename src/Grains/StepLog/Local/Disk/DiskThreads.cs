using Rollbook.Threads;

namespace Rollbook.StepLog;

/// <summary>
/// Where disk work runs. A flush holds its thread for milliseconds, and a segment that is prepared holds it for fifty: on the pool, which has a thread a
/// processor, both at once stop every turn of the silo, and the flush waits for its own thread behind the turns.
/// </summary>
internal sealed class DiskThreads : IDisposable
{
    // A device that stands still must not hold up the end of the process for ever.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly BackgroundThread? appends;
    private readonly BackgroundThread? preparation;

    /// <summary>Appends and the preparation of segments have a thread each, begun now.</summary>
    public DiskThreads()
    {
        appends = new BackgroundThread("rollbook-log", Patience);
        preparation = new BackgroundThread("rollbook-segments", Patience);
        (Appends, Preparation, Others) = (On(appends), On(preparation), On(TaskScheduler.Default));
    }

    /// <summary>All of it runs where the scheduler says.</summary>
    public DiskThreads(TaskScheduler scheduler) => (Appends, Preparation, Others) = (On(scheduler), On(scheduler), On(scheduler));

    /// <summary>Chunks of the own log, which steps wait for.</summary>
    public TaskFactory Appends { get; }

    /// <summary>Segments that are made ahead of the log.</summary>
    public TaskFactory Preparation { get; }

    /// <summary>Reads, which find most in the machine's memory, and the rest, which is rare.</summary>
    public TaskFactory Others { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        appends?.Dispose();
        preparation?.Dispose();
    }

    private static TaskFactory On(TaskScheduler scheduler) =>
        new(CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskContinuationOptions.None, scheduler);
}

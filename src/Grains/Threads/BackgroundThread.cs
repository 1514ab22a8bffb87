using System.Collections.Concurrent;

namespace Rollbook.Threads;

/// <summary>
/// A thread for work that takes long. What runs on it stays on it behind every await, so that a long computation takes no thread of the pool, where the turns of
/// grains wait for one.
/// </summary>
/// <remarks>Of ordinary priority: a thread that the pool begins inherits the nice value of whoever gives it work, and that may be this one.</remarks>
internal sealed class BackgroundThread : TaskScheduler, IDisposable
{
    private readonly BlockingCollection<Task> tasks = [];
    private readonly Thread thread;
    private readonly TimeSpan patience;

    /// <summary>Starts the thread.</summary>
    /// <param name="name">Its name, for whoever looks at the process.</param>
    /// <param name="patience">How long <see cref="Dispose"/> waits for it; null = as long as it takes.</param>
    public BackgroundThread(string name, TimeSpan? patience = null)
    {
        this.patience = patience ?? Timeout.InfiniteTimeSpan;
        thread = new Thread(Run) { Name = name, IsBackground = true };
        thread.Start();
    }

    /// <inheritdoc/>
    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Ends the thread when all that was given to it has run; what still waits for something else ends on the pool.</summary>
    public void Dispose()
    {
        tasks.CompleteAdding();
        if (Thread.CurrentThread != thread) thread.Join(patience);
    }

    /// <inheritdoc/>
    protected override void QueueTask(Task task)
    {
        try
        {
            tasks.Add(task);
        }
        catch (InvalidOperationException)
        {
            ThreadPool.UnsafeQueueUserWorkItem(_ => TryExecuteTask(task), null);
        }
    }

    /// <inheritdoc/>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && Thread.CurrentThread == thread && TryExecuteTask(task);

    /// <inheritdoc/>
    protected override IEnumerable<Task> GetScheduledTasks() => tasks;

    private void Run()
    {
        foreach (var task in tasks.GetConsumingEnumerable()) TryExecuteTask(task);
    }
}

using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Rollbook.Archive;

/// <summary>
/// A thread of low priority for what may wait: it gets the processor time that recording leaves over. What runs on it stays on it behind every await, so that a
/// long computation neither takes a thread of the pool nor the time of an acknowledgement.
/// </summary>
internal sealed class BackgroundThread : TaskScheduler, IDisposable
{
    /// <summary>Added to the process's own: a tenth of the weight of an ordinary thread (sched(7)). Where processors are idle it runs at full speed.</summary>
    internal const int Niceness = 10;

    private readonly BlockingCollection<Task> tasks = [];
    private readonly Thread thread;

    /// <summary>Starts the thread.</summary>
    /// <param name="name">Its name, for whoever looks at the process.</param>
    public BackgroundThread(string name)
    {
        thread = new Thread(Run) { Name = name, IsBackground = true, Priority = ThreadPriority.BelowNormal };
        thread.Start();
    }

    /// <inheritdoc/>
    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Ends the thread when all that was given to it has run; what still waits for something else ends on the pool.</summary>
    public void Dispose()
    {
        tasks.CompleteAdding();
        if (Thread.CurrentThread != thread) thread.Join();
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
        // The runtime's own priorities do nothing on Linux, where each thread has a nice value of its own.
        if (OperatingSystem.IsLinux()) _ = Nice(Niceness);
        foreach (var task in tasks.GetConsumingEnumerable()) TryExecuteTask(task);
    }

    [DllImport("libc", EntryPoint = "nice")]
    private static extern int Nice(int increment);
}

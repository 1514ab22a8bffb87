namespace Rollbook.StepLog;

/// <summary>Waits that stay on the caller's scheduler.</summary>
internal static class SchedulerWait
{
    /// <summary>
    /// The same outcome as a task that completes on the scheduler of the caller. <c>WhenAny</c> and <c>WaitAsync</c> over a source that runs its continuations
    /// asynchronously go by way of the thread pool, and a simulation could not order them.
    /// </summary>
    public static async Task Here(this Task task) => await task;
}

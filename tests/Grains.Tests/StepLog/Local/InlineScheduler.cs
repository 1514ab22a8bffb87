namespace Rollbook.Grains.Tests.StepLog.Local;

/// <summary>Runs each piece of disk work where it is asked for, so that a run has one order and can be repeated.</summary>
internal sealed class InlineScheduler : TaskScheduler
{
    protected override void QueueTask(Task task) => TryExecuteTask(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => [];
}

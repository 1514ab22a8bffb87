namespace Rollbook.Simulation.Tests.Engine;

/// <summary>
/// The tasks of one simulated process. They run on the world's one thread, one at a time, in an order that the seed chooses; a process that
/// crashed takes its tasks with it.
/// </summary>
internal sealed class Lane(World world, string name) : TaskScheduler
{
    private List<Task>? held;

    public string Name => name;

    public bool Dead { get; private set; }

    public bool Paused => held is not null;

    /// <summary>Nothing of this process runs any more.</summary>
    public void Kill()
    {
        Dead = true;
        held = null;
    }

    public void Pause() => held ??= [];

    public void Resume()
    {
        var waiting = held ?? [];
        held = null;
        foreach (var task in waiting) QueueTask(task);
    }

    /// <summary>Runs an action as a task of this process.</summary>
    public void Post(Action action) => Task.Factory.StartNew(
        () =>
        {
            try
            {
                action();
            }
            catch (Exception failure)
            {
                world.Fail($"an action of {name} failed: {failure}");
            }
        },
        CancellationToken.None, TaskCreationOptions.None, this);

    /// <summary>Runs an asynchronous function as a task of this process. Never completes where the process dies.</summary>
    public Task<T> Run<T>(Func<Task<T>> function) =>
        Task.Factory.StartNew(function, CancellationToken.None, TaskCreationOptions.None, this).Unwrap();

    /// <inheritdoc cref="Run{T}"/>
    public Task Run(Func<Task> function) =>
        Task.Factory.StartNew(function, CancellationToken.None, TaskCreationOptions.None, this).Unwrap();

    /// <summary>Called by the world alone.</summary>
    public void Execute(Task task)
    {
        if (Dead) return;
        if (held is not null) held.Add(task);
        else TryExecuteTask(task);
    }

    protected override void QueueTask(Task task)
    {
        if (Dead) return;
        if (held is not null) held.Add(task);
        else world.Add(this, task);
    }

    // Never in place: every continuation is a choice of the seed.
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => [];
}

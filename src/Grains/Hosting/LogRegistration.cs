namespace Rollbook.Hosting;

/// <summary>
/// Whether the registry has the own log's row. It gets it once the silo is active in membership: before that others would take a silo that is only starting for a dead one.
/// </summary>
internal sealed class LogRegistration
{
    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when it has; claims wait for that.</summary>
    public Task Done => done.Task;

    /// <summary>It has.</summary>
    public void Complete() => done.TrySetResult();
}

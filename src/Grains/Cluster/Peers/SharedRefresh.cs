namespace Rollbook.Cluster;

/// <summary>
/// A look that many callers want at once: each gets the outcome of one that began after it asked, and no two run at the same time.
/// </summary>
internal sealed class SharedRefresh(Func<Task> look)
{
    private readonly Lock gate = new();
    private Task running = Task.CompletedTask;
    private Task? next;

    /// <summary>Returns when a look that began after this call has ended; fails as it does.</summary>
    public Task RunAsync()
    {
        lock (gate)
        {
            if (running.IsCompleted) return running = look();
            return next ??= AfterAsync(running);
        }
    }

    private async Task AfterAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        Task mine;
        lock (gate)
        {
            next = null;
            running = mine = look();
        }

        await mine;
    }
}

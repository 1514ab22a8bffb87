namespace Rollbook.Kill.Tests;

/// <summary>Starts each silo again that ended by itself, as a supervisor does, unless the network is cut: a silo joins only where it reaches all others.</summary>
internal sealed class Supervisor(SiloCluster cluster, LoadTarget target) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly CancellationTokenSource stopping = new();
    private readonly SemaphoreSlim whole = new(1);
    private readonly List<int> exits = [];
    private readonly bool[] up = [.. Enumerable.Repeat(true, cluster.Count)];
    private Task running = Task.CompletedTask;

    /// <summary>The exit codes so far, in order.</summary>
    public IReadOnlyList<int> Codes
    {
        get
        {
            lock (exits) return [.. exits];
        }
    }

    /// <summary>Watches from now on.</summary>
    public void Start() => running = Task.WhenAll(Enumerable.Range(0, cluster.Count).Select(WatchAsync));

    /// <summary>Waits until all silos run, and starts none from then on.</summary>
    public async Task HoldAsync()
    {
        while (true)
        {
            if (running.IsFaulted) await running;
            await whole.WaitAsync();
            if (up.All(static one => one)) return;
            whole.Release();
            await Task.Delay(Pause, TimeProvider.System);
        }
    }

    /// <summary>Starts silos again from now on.</summary>
    public void GoOn() => whole.Release();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        stopping.Dispose();
    }

    private async Task WatchAsync(int place)
    {
        try
        {
            while (true)
            {
                var silo = cluster[place];
                var code = await silo.ExitAsync(Timeout.InfiniteTimeSpan).WaitAsync(stopping.Token);
                lock (exits) exits.Add(code);
                up[place] = false;
                await target.DownAsync(silo);
                await whole.WaitAsync(stopping.Token);
                try
                {
                    target.Up(await cluster.StartAsync(place));
                    up[place] = true;
                }
                finally
                {
                    whole.Release();
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The test is over.
        }
    }
}

using System.Globalization;

namespace Rollbook.Kill.Tests;

/// <summary>
/// Starts each silo again that ended, as a supervisor does: one that the test killed, and one that was taken for dead and ended itself. While it is held it starts none: a silo
/// joins only where it reaches all others.
/// </summary>
/// <param name="cluster">The silos, all running.</param>
/// <param name="target">Learns who is up; null: nobody.</param>
internal sealed class Supervisor(SiloCluster cluster, LoadTarget? target = null) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly CancellationTokenSource stopping = new();
    private readonly SemaphoreSlim whole = new(1);
    private readonly List<int> codes = [];
    private readonly bool[] up = new bool[cluster.Count];
    private Task running = Task.CompletedTask;

    /// <summary>How silos ended that the test didn't kill, for people.</summary>
    public string Ends
    {
        get
        {
            lock (codes)
            {
                return codes.Count == 0 ? "no silo ended by itself" : string.Create(
                    CultureInfo.InvariantCulture, $"{codes.Count} silos ended by themselves (exit codes {string.Join(", ", codes.Distinct().Order())})");
            }
        }
    }

    /// <summary>Tells the target of all silos, and watches them from now on.</summary>
    public void Start()
    {
        for (var place = 0; place < cluster.Count; place++)
        {
            target?.Up(cluster[place]);
            up[place] = true;
        }

        running = Task.WhenAll(Enumerable.Range(0, cluster.Count).Select(WatchAsync));
    }

    /// <summary>Kills the silo at a place, as soon as one runs there.</summary>
    public async Task KillAsync(int place)
    {
        while (!Volatile.Read(ref up[place])) await PauseAsync();
        if (cluster[place] is { HasExited: false } silo) silo.Signal(Signals.Kill);
        while (Volatile.Read(ref up[place])) await PauseAsync();
    }

    /// <summary>Waits until all silos run, and starts none from then on.</summary>
    public async Task HoldAsync()
    {
        while (true)
        {
            await whole.WaitAsync();
            if (up.All(static one => one)) return;
            whole.Release();
            await PauseAsync();
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

    private async Task PauseAsync()
    {
        if (running.IsFaulted) await running;
        await Task.Delay(Pause, TimeProvider.System);
    }

    private async Task WatchAsync(int place)
    {
        try
        {
            while (true)
            {
                var silo = cluster[place];
                var code = await silo.ExitAsync(Timeout.InfiniteTimeSpan).WaitAsync(stopping.Token);
                Volatile.Write(ref up[place], false);
                if (code != 128 + Signals.Kill)
                {
                    lock (codes) codes.Add(code);
                }

                if (target is not null) await target.DownAsync(silo);
                await whole.WaitAsync(stopping.Token);
                try
                {
                    var next = await cluster.StartAsync(place);
                    target?.Up(next);
                    Volatile.Write(ref up[place], true);
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

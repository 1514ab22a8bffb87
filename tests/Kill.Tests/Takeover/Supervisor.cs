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
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(240);
    private readonly CancellationTokenSource stopping = new();
    private readonly SemaphoreSlim whole = new(1);
    private readonly List<int> codes = [];
    private readonly bool[] up = new bool[cluster.Count];
    private Task[] watching = [];

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

        watching = [.. Enumerable.Range(0, cluster.Count).Select(WatchAsync)];
    }

    /// <summary>Kills the silo at a place, as soon as one runs there.</summary>
    public async Task KillAsync(int place)
    {
        await UntilAsync(() => Volatile.Read(ref up[place]), () => $"The silo at place {place}, which was to be killed, was not up again");
        if (cluster[place] is { HasExited: false } silo) silo.Signal(Signals.Kill);
        await UntilAsync(() => !Volatile.Read(ref up[place]), () => $"The silo at place {place} did not end by a kill");
    }

    /// <summary>Waits until all silos run, and starts none from then on.</summary>
    public Task HoldAsync() => UntilAsync(
        TryHold, () => $"The silos at the places {string.Join(", ", Enumerable.Range(0, up.Length).Where(place => !up[place]))} were not up again");

    /// <summary>Starts silos again from now on.</summary>
    public void GoOn() => whole.Release();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        // What failed there has failed the test already, or was not in its way.
        await Task.WhenAll(watching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
    }

    // One that can't be started again ends the wait, although the others run on.
    private async Task UntilAsync(Func<bool> reached, Func<string> missing)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!reached())
        {
            if (Array.Find(watching, static watch => watch.IsCompleted) is { } failed) await failed;
            if (TimeProvider.System.GetElapsedTime(begun) > Longest) throw new TimeoutException($"{missing()} within {Longest.TotalSeconds:0} s.");
            await Task.Delay(Pause, TimeProvider.System);
        }
    }

    private bool TryHold()
    {
        if (!whole.Wait(0)) return false;
        if (Array.TrueForAll(up, static one => one)) return true;
        whole.Release();
        return false;
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
                    var next = await cluster.StartAsync(place).WaitAsync(stopping.Token);
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

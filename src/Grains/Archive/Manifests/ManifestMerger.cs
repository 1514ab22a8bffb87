namespace Rollbook.Archive;

/// <summary>
/// Puts changes of one project's manifest that come at the same time into one compare-and-swap. It makes nothing right that would be wrong without it: any number of
/// mergers and of single writers may change the same manifest.
/// </summary>
/// <remarks>
/// A lone change is stored at once. Where several came together last time, the next round waits for as many, a second at most: so the packs of several silos, which come
/// minute by minute, share one write, and one silo that catches up waits for nobody. All members run on the scheduler of their caller; calls come one at a time, as a grain's do.
/// </remarks>
/// <param name="manifests">Where it is stored.</param>
/// <param name="project">The project.</param>
/// <param name="time">The clock of the wait.</param>
internal sealed class ManifestMerger(ManifestStore manifests, string project, TimeProvider time)
{
    /// <summary>The longest wait for others.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private List<Waiting> waiting = [];
    private TaskCompletionSource enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int together = 1;
    private bool running;

    /// <summary>Changes the manifest, with those that come meanwhile.</summary>
    /// <param name="change">A pure function; null = it doesn't fit what is stored, with the changes before it in the same round.</param>
    /// <returns>The stored manifest; null where the change didn't fit. An exception is an unknown outcome, for all of the round.</returns>
    public Task<Manifest?> ChangeAsync(Func<Manifest, Manifest?> change)
    {
        var mine = new Waiting(change);
        waiting.Add(mine);
        if (waiting.Count >= together) enough.TrySetResult();
        if (!running) _ = RunAsync();
        return mine.Task;
    }

    private async Task RunAsync()
    {
        running = true;
        try
        {
            while (waiting.Count > 0)
            {
                await GatherAsync();
                var round = waiting;
                (waiting, together) = ([], round.Count);
                enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                await StoreAsync(round);
            }
        }
        finally
        {
            running = false;
        }
    }

    private async Task GatherAsync()
    {
        if (waiting.Count >= together) return;
        using var stop = new CancellationTokenSource();
        await Task.WhenAny(enough.Task, Task.Delay(LongestWait, time, stop.Token));
        await stop.CancelAsync();
    }

    private async Task StoreAsync(List<Waiting> round)
    {
        try
        {
            var fits = new bool[round.Count];
            // Whoever lost the race to another writer is tried anew, upon what that one stored.
            var stored = await manifests.ChangeAsync(project, before => Apply(before, round, fits), CancellationToken.None);
            for (var i = 0; i < round.Count; i++) round[i].Tell(fits[i] ? stored : null);
        }
        catch (Exception unknown)
        {
            foreach (var each in round) each.Fail(unknown);
        }
    }

    private static Manifest? Apply(Manifest before, List<Waiting> round, bool[] fits)
    {
        var manifest = before;
        for (var i = 0; i < round.Count; i++)
        {
            var changed = round[i].Change(manifest);
            fits[i] = changed is not null;
            manifest = changed ?? manifest;
        }

        return fits.Contains(true) ? manifest : null;
    }

    private sealed class Waiting(Func<Manifest, Manifest?> change)
    {
        private readonly TaskCompletionSource<Manifest?> told = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Func<Manifest, Manifest?> Change => change;

        public Task<Manifest?> Task => told.Task;

        public void Tell(Manifest? stored) => told.SetResult(stored);

        public void Fail(Exception unknown) => told.SetException(unknown);
    }
}

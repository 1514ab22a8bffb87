using Rollbook.Client;

namespace Rollbook.Testing;

/// <summary>The recorders of the moment: workers whose recorder was killed go to another, or wait here for the next one.</summary>
/// <param name="giveUpAfter">How long a worker repeats what a living recorder answers with <c>busy</c> or <c>unavailable</c>; default 60 s.</param>
internal sealed class LoadTarget(TimeSpan? giveUpAfter = null)
{
    private readonly Lock gate = new();
    private readonly List<(SiloProcess Silo, LoadTurn Turn)> up = [];
    private TaskCompletionSource some = NewWait();

    /// <summary>A recorder that runs, or the next one.</summary>
    /// <param name="worker">Who asks: a worker stays with a recorder as long as no other comes or goes.</param>
    public async Task<LoadTurn> CurrentAsync(int worker = 0)
    {
        while (true)
        {
            Task wait;
            lock (gate)
            {
                // By pairs, since the odd ones share their requests.
                if (up.Count > 0) return up[worker / 2 % up.Count].Turn;
                wait = some.Task;
            }

            await wait;
        }
    }

    /// <summary>A recorder is ready.</summary>
    public void Up(SiloProcess silo)
    {
        var over = new CancellationTokenSource();
        lock (gate)
        {
            up.Add((silo, new LoadTurn(silo.Address, silo.Client(giveUpAfter ?? TimeSpan.FromSeconds(60)), new SharedAppends(silo.Address, over.Token), over)));
            some.TrySetResult();
        }
    }

    /// <summary>A recorder is gone: what it has not answered yet is of unknown outcome.</summary>
    public async Task DownAsync(SiloProcess silo)
    {
        LoadTurn gone;
        lock (gate)
        {
            var at = up.FindIndex(entry => entry.Silo == silo);
            gone = up[at].Turn;
            up.RemoveAt(at);
            if (up.Count == 0) some = NewWait();
        }

        await gone.Over.CancelAsync();
        gone.Client.Dispose();
        gone.Shared.Dispose();
    }

    private static TaskCompletionSource NewWait() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

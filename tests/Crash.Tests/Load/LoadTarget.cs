using Rollbook.Client;

namespace Rollbook.Crash.Tests;

/// <summary>The recorder of the moment: workers whose recorder was killed wait here for the next one.</summary>
internal sealed class LoadTarget
{
    private readonly Lock gate = new();
    private TaskCompletionSource<LoadTurn> turn = NewTurn();

    /// <summary>The recorder that runs, or the next one.</summary>
    public Task<LoadTurn> CurrentAsync()
    {
        lock (gate) return turn.Task;
    }

    /// <summary>A recorder is ready.</summary>
    public void Up(SiloProcess silo)
    {
        var over = new CancellationTokenSource();
        lock (gate) turn.SetResult(new LoadTurn(silo.Address, silo.Client(TimeSpan.FromSeconds(60)), new SharedAppends(silo.Address, over.Token), over));
    }

    /// <summary>The recorder is gone: what has no answer yet is of unknown outcome.</summary>
    public async Task DownAsync()
    {
        LoadTurn gone;
        lock (gate)
        {
            gone = turn.Task.Result;
            turn = NewTurn();
        }

        await gone.Over.CancelAsync();
        gone.Client.Dispose();
        gone.Shared.Dispose();
    }

    private static TaskCompletionSource<LoadTurn> NewTurn() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

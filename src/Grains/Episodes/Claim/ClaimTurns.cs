namespace Rollbook.Episodes;

/// <summary>Lets the activations of one episode on one silo claim it one after another. Duplicate activations are few: almost nobody ever waits.</summary>
internal sealed class ClaimTurns
{
    private readonly Lock gate = new();
    private readonly Dictionary<EpisodeKey, Task> last = [];

    /// <summary>Returns when it is the caller's turn, which ends when the result is disposed.</summary>
    public async ValueTask<IDisposable> EnterAsync(EpisodeKey key)
    {
        var turn = new Turn(this, key);
        Task before;
        lock (gate)
        {
            before = last.GetValueOrDefault(key, Task.CompletedTask);
            last[key] = turn.Over.Task;
        }

        await before;
        return turn;
    }

    private sealed class Turn(ClaimTurns turns, EpisodeKey key) : IDisposable
    {
        public TaskCompletionSource Over { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Dispose()
        {
            lock (turns.gate)
                if (turns.last.GetValueOrDefault(key) == Over.Task) turns.last.Remove(key);
            Over.TrySetResult();
        }
    }
}

namespace Rollbook.Crash.Tests;

/// <summary>Many workers that record episodes one after another, and what they know of them.</summary>
/// <param name="seed">Decides all contents, lengths and endings.</param>
/// <param name="workers">How many write at once.</param>
/// <param name="target">The recorder of the moment.</param>
internal sealed class LoadGenerator(int seed, int workers, LoadTarget target)
{
    private readonly CancellationTokenSource stopping = new();
    private readonly List<(long At, TaskCompletionSource Reached)> milestones = [];
    private readonly Lock gate = new();
    private Task running = Task.CompletedTask;
    private long acknowledged;

    /// <summary>Each worker's episodes in the order of their starts.</summary>
    public List<EpisodeJournal>[] Journals { get; } = [.. Enumerable.Range(0, workers).Select(_ => new List<EpisodeJournal>())];

    /// <summary>Steps acknowledged so far.</summary>
    public long Acknowledged => Interlocked.Read(ref acknowledged);

    public void Start() => running = Task.WhenAll(Enumerable.Range(0, workers).Select(worker => Task.Run(() => WorkAsync(worker))));

    /// <summary>Completes when so many more steps are acknowledged.</summary>
    public async Task MoreAsync(long steps)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            milestones.Add((Acknowledged + steps, reached));
        }

        // A worker that found a violation ends the wait.
        var first = await Task.WhenAny(reached.Task, running).WaitAsync(TimeSpan.FromSeconds(120), TimeProvider.System);
        await first;
        Assert.True(reached.Task.IsCompleted, $"The load ended before {steps} more steps were acknowledged.");
    }

    /// <summary>Lets each worker finish the request that it has under way.</summary>
    public async Task StopAsync()
    {
        await stopping.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(120), TimeProvider.System);
    }

    private async Task WorkAsync(int index)
    {
        var worker = new LoadWorker(target, stopping.Token, Count);
        for (var episode = 0; !stopping.IsCancellationRequested; episode++)
        {
            var journal = new EpisodeJournal(seed, index, episode);
            Journals[index].Add(journal);
            await worker.PlayAsync(journal);
        }
    }

    private void Count(long steps)
    {
        var now = Interlocked.Add(ref acknowledged, steps);
        lock (gate)
        {
            milestones.RemoveAll(milestone => now >= milestone.At && milestone.Reached.TrySetResult());
        }
    }
}

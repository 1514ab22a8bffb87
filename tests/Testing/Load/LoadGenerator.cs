namespace Rollbook.Testing;

/// <summary>Many workers that record episodes one after another, and what they know of them.</summary>
/// <param name="seed">Decides all contents, lengths and endings.</param>
/// <param name="workers">How many write at once.</param>
/// <param name="target">The recorder of the moment.</param>
/// <param name="pause">
/// How long a worker thinks between two appends, half of it on the average; default: not at all. A load that takes all of a small machine starves what the test is about.
/// </param>
internal sealed class LoadGenerator(int seed, int workers, LoadTarget target, TimeSpan pause = default)
{
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(120);
    private readonly CancellationTokenSource stopping = new();
    private readonly StepCount acknowledged = new();
    private Task[] working = [];
    private Task running = Task.CompletedTask;

    /// <summary>Each worker's episodes in the order of their starts.</summary>
    public List<EpisodeJournal>[] Journals { get; } = [.. Enumerable.Range(0, workers).Select(_ => new List<EpisodeJournal>())];

    /// <summary>Whose ends were acknowledged.</summary>
    public EndedLog Ended { get; } = new();

    /// <summary>When each worker's appends were acknowledged, as timestamps of the system's clock. To be read after the load.</summary>
    public List<long>[] AcknowledgedAt { get; } = [.. Enumerable.Range(0, workers).Select(_ => new List<long>())];

    /// <summary>Steps acknowledged so far.</summary>
    public long Acknowledged => acknowledged.Value;

    public void Start()
    {
        working = [.. Enumerable.Range(0, workers).Select(worker => Task.Run(() => WorkAsync(worker)))];
        running = Task.WhenAll(working);
    }

    /// <summary>Completes when so many more steps are acknowledged.</summary>
    public Task MoreAsync(long steps) => acknowledged.MoreAsync(steps, working);

    /// <summary>Lets each worker finish the request that it has under way.</summary>
    public async Task StopAsync()
    {
        await stopping.CancelAsync();
        try
        {
            await running.WaitAsync(LongestStop, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            var waiting = Journals.Where((_, worker) => !working[worker].IsCompleted).Select(static episodes => episodes[^1]).Select(static journal =>
                $"{journal.WorkerName} in {journal.Started?.EpisodeId ?? "a start"} with {journal.Acknowledged} of {journal.Sent} steps acknowledged{(journal.EndSent is null ? "" : ", ending")}");
            throw new TimeoutException($"Requests had no final answer within {LongestStop.TotalSeconds:0} s: {string.Join("; ", waiting)}");
        }
    }

    private async Task WorkAsync(int index)
    {
        var worker = new LoadWorker(target, stopping.Token, steps => Count(index, steps), Ended.Add, pause);
        for (var episode = 0; !stopping.IsCancellationRequested; episode++)
        {
            var journal = new EpisodeJournal(seed, index, episode);
            Journals[index].Add(journal);
            await worker.PlayAsync(journal);
        }
    }

    private void Count(int worker, long steps)
    {
        AcknowledgedAt[worker].Add(TimeProvider.System.GetTimestamp());
        acknowledged.Add(steps);
    }
}

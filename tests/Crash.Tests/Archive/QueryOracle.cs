namespace Rollbook.Crash.Tests;

/// <summary>
/// Asks for the episodes again and again while a load runs and its recorder is killed, and compares each complete answer with the load's own log: what ended two
/// seconds ago is there once, never twice and never not at all, and nothing becomes less.
/// </summary>
internal sealed class QueryOracle(LoadTarget target, EndedLog ended)
{
    // What queries promise.
    private static readonly TimeSpan Behind = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource stopping = new();
    private readonly Dictionary<string, (long Count, long Steps, double Scores)> most = [];
    private Task running = Task.CompletedTask;
    private TaskCompletionSource round = NewRound();

    /// <summary>Completes with the next poll whose answers are all complete, or when the polling ends.</summary>
    public Task NextCompleteAsync() => Task.WhenAny(round.Task, running).WaitAsync(TimeSpan.FromSeconds(120), TimeProvider.System);

    /// <summary>Complete answers of lists, statistics and SQL.</summary>
    public (long Lists, long Stats, long Statements) Complete { get; private set; }

    /// <summary>Polls in which an answer said itself that it was not complete, or there was none.</summary>
    public long Incomplete { get; private set; }

    /// <summary>What was wrong.</summary>
    public List<string> Wrong { get; } = [];

    public void Start() => running = Task.Run(PollAsync);

    public async Task StopAsync()
    {
        await stopping.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(120), TimeProvider.System);
    }

    private static TaskCompletionSource NewRound() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task PollAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            var next = target.CurrentAsync();
            if (await Task.WhenAny(next, Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stopping.Token)) != next) return;
            var turn = await next;
            using var reads = new QueryReads(turn.Address);
            using var over = CancellationTokenSource.CreateLinkedTokenSource(turn.Over.Token, stopping.Token);
            try
            {
                while (true)
                {
                    await PollOnceAsync(reads, over.Token);
                    await Task.Delay(Pause, TimeProvider.System, over.Token);
                }
            }
            catch (Exception error) when (error is OperationCanceledException or HttpRequestException or IOException or ObjectDisposedException)
            {
                // Killed in the middle, or the end of the test; the workers tell when a living one doesn't answer.
                if (!over.IsCancellationRequested) await Task.WhenAny(Task.Delay(Pause, TimeProvider.System, over.Token));
            }
        }
    }

    private async Task PollOnceAsync(QueryReads reads, CancellationToken over)
    {
        var expected = ended.Before(Behind);
        var lists = Tally("the list", expected, await reads.ListAsync(over));
        (Complete, Incomplete) = (Complete with { Lists = Complete.Lists + lists }, Incomplete + 1 - lists);
        expected = ended.Before(Behind);
        var rows = await reads.SqlAsync("SELECT episode_id, count(*) FROM episodes WHERE status = 'completed' GROUP BY 1", fresh: false, over);
        var statements = Tally("SQL over episodes", expected, rows?.ToDictionary(static r => r[0].GetString()!, static r => r[1].GetInt32()));
        (Complete, Incomplete) = (Complete with { Statements = Complete.Statements + statements }, Incomplete + 1 - statements);
        var stats = Grows(await reads.StatsAsync("", over));
        (Complete, Incomplete) = (Complete with { Stats = Complete.Stats + stats }, Incomplete + 1 - stats);
        if (lists + statements + stats == 3) Interlocked.Exchange(ref round, NewRound()).TrySetResult();
    }

    private int Tally(string what, Dictionary<string, EpisodeJournal> expected, Dictionary<string, int>? found)
    {
        if (found is null) return 0;
        foreach (var (id, times) in found.Where(static f => f.Value != 1)) Wrong.Add($"{what} has {id} {times} times");
        foreach (var id in expected.Keys.Where(id => !found.ContainsKey(id))) Wrong.Add($"{what} lacks {id}, whose end was acknowledged more than {Behind.TotalSeconds} s before");
        return 1;
    }

    private int Grows(Dictionary<string, (long Count, long Steps, double Scores)>? stats)
    {
        if (stats is null) return 0;
        foreach (var (task, was) in most)
        {
            var now = stats.GetValueOrDefault(task);
            if (now.Count < was.Count || now.Steps < was.Steps) Wrong.Add($"the statistics of {task} fell from {was.Count} episodes and {was.Steps} steps to {now.Count} and {now.Steps}");
        }

        foreach (var (task, now) in stats) most[task] = now;
        return 1;
    }
}

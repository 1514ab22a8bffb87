namespace Rollbook.Cluster.Tests.Clients;

/// <summary>Counts acknowledged steps, for who waits for so many.</summary>
internal sealed class CountedSteps
{
    private readonly Lock gate = new();
    private readonly List<(int Count, TaskCompletionSource Reached)> waiting = [];
    private int count;

    public void Add()
    {
        lock (gate)
        {
            count++;
            foreach (var (wanted, reached) in waiting)
                if (count >= wanted) reached.TrySetResult();
        }
    }

    public Task WhenAsync(int wanted)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (count >= wanted) return Task.CompletedTask;
            waiting.Add((wanted, reached));
        }

        return reached.Task.WaitAsync(TimeSpan.FromSeconds(120));
    }
}

using Xunit;

namespace Rollbook.Testing;

/// <summary>Counts acknowledged steps, and tells when more have come.</summary>
internal sealed class StepCount
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(120);
    private readonly List<(long At, TaskCompletionSource Reached)> milestones = [];
    private readonly Lock gate = new();
    private long count;

    /// <summary>Steps so far.</summary>
    public long Value => Interlocked.Read(ref count);

    /// <summary>So many more are acknowledged.</summary>
    public void Add(long steps)
    {
        var now = Interlocked.Add(ref count, steps);
        lock (gate)
        {
            milestones.RemoveAll(milestone => now >= milestone.At && milestone.Reached.TrySetResult());
        }
    }

    /// <summary>Completes when so many more steps are acknowledged.</summary>
    /// <param name="steps">How many.</param>
    /// <param name="running">The load's workers: when one ends before, so does the wait.</param>
    public async Task MoreAsync(long steps, IReadOnlyCollection<Task> running)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            milestones.Add((Value + steps, reached));
        }

        // A worker that found a violation ends the wait, whatever the others do.
        var before = Value;
        var first = await Task.WhenAny([reached.Task, .. running]).WithinAsync(Longest, () => $"Of {steps} more steps only {Value - before} were acknowledged");
        await first;
        Assert.True(reached.Task.IsCompleted, $"The load ended before {steps} more steps were acknowledged.");
    }
}

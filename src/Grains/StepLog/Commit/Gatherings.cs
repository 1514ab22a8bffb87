namespace Rollbook.StepLog;

/// <summary>
/// Frames of many episodes that are on their way to the log together. The next commit waits for the last of them: five hundred turns that follow each other on
/// two cores would else be cut into twenty flushes, each of which costs more processor time than the turns in it.
/// </summary>
/// <remarks>Safe from any thread. A gathering waits for turns only, never for a commit, so that it ends by itself.</remarks>
internal sealed class Gatherings(TimeProvider time)
{
    /// <summary>How long a commit waits at most: a turn that stands still must not hold up the others' steps.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(5);

    private readonly Lock gate = new();
    private readonly List<Task> open = [];

    /// <summary>Frames come until this task completes.</summary>
    public void Add(Task gathered)
    {
        lock (gate)
        {
            DropOver();
            open.Add(gathered);
        }
    }

    /// <summary>Completes, without failing, when all that are open now are over or the patience is. Null where none is open.</summary>
    public Task? WhenOver()
    {
        lock (gate)
        {
            DropOver();
            return open.Count == 0 ? null : OverAsync(Task.WhenAll(open));
        }
    }

    private async Task OverAsync(Task all) => await all.WaitAsync(Patience, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    // Under the gate.
    private void DropOver() => open.RemoveAll(static gathered => gathered.IsCompleted);
}

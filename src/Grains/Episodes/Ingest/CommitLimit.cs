namespace Rollbook.Episodes;

/// <summary>
/// Waits for commits, but not for ever: a device that stands still gives no error, and who sent a step is told in time that its outcome is unknown. The step
/// keeps its place in the log: its repeat meets it there and shares its fate.
/// </summary>
/// <remarks>
/// Whoever waits for the same commit waits together, and one timer looks after all of them: a step costs no timer of its own.
/// </remarks>
internal sealed class CommitLimit : IDisposable
{
    /// <summary>The longest wait, give or take a <see cref="Look"/>: as long as a call to a grain may take.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>How often is looked for waits that are too long.</summary>
    public static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly TimeProvider time;
    private readonly ITimer timer;
    private readonly Lock gate = new();

    // Oldest first. Those that are over leave when the next one comes, or at the next look.
    private readonly Queue<Wait> waits = new();
    private Wait? newest;

    /// <summary>A limit by a clock.</summary>
    public CommitLimit(TimeProvider time)
    {
        this.time = time;
        timer = time.CreateTimer(static limit => ((CommitLimit)limit!).TellOverdue(), this, Look, Look);
    }

    /// <summary>Whether a commit was durable in time. Never fails: a commit that failed is unknown too.</summary>
    public Task<bool> IsDurableAsync(Task commit)
    {
        if (commit.IsCompleted) return Task.FromResult(commit.IsCompletedSuccessfully);
        Wait wait;
        lock (gate)
        {
            // A batch of the log that can't be written takes steps for as long as the device stands still: the later ones wait as long as the others.
            if (newest is { } known && known.Commit == commit && time.GetElapsedTime(known.Since) < Look) return known.Outcome;
            DropOver();
            newest = wait = new Wait(commit, time.GetTimestamp());
            waits.Enqueue(wait);
        }

        wait.Begin();
        return wait.Outcome;
    }

    /// <inheritdoc/>
    public void Dispose() => timer.Dispose();

    private void TellOverdue()
    {
        lock (gate)
        {
            DropOver();
            while (waits.TryPeek(out var oldest) && time.GetElapsedTime(oldest.Since) >= Longest) waits.Dequeue().Tell(isDurable: false);
        }
    }

    // Under the gate.
    private void DropOver()
    {
        while (waits.TryPeek(out var oldest) && oldest.Outcome.IsCompleted) waits.Dequeue();
    }

    private sealed class Wait(Task commit, long since)
    {
        private readonly TaskCompletionSource<bool> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Commit => commit;

        public long Since => since;

        public Task<bool> Outcome => outcome.Task;

        public void Begin() => commit.GetAwaiter().UnsafeOnCompleted(() => Tell(commit.IsCompletedSuccessfully));

        public void Tell(bool isDurable) => outcome.TrySetResult(isDurable);
    }
}

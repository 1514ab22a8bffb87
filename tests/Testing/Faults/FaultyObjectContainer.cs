using Rollbook.StepLog;

namespace Rollbook.Testing;

/// <summary>
/// A fake object store behind a bad network: requests get lost, are applied late or twice, are refused for no reason, and their answers overtake each other. All of it follows from
/// the seed and runs on a scheduler and a clock of the test's choice, so that it goes on when its caller is dead.
/// </summary>
/// <param name="inner">What is durable.</param>
/// <param name="random">Decides about everything.</param>
/// <param name="time">Measures delays.</param>
/// <param name="scheduler">Where the store's side runs.</param>
public sealed class FaultyObjectContainer(IObjectContainer inner, Random random, TimeProvider time, TaskScheduler scheduler) : IObjectContainer
{
    private readonly Lock gate = new();
    private long faulted;

    /// <summary>What goes wrong from now on.</summary>
    public ObjectFaults Faults { get; set; } = ObjectFaults.None;

    /// <summary>How many calls something happened to.</summary>
    public long Faulted => Interlocked.Read(ref faulted);

    /// <inheritdoc/>
    public async ValueTask<bool> PutNewAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        var sent = bytes.ToArray();
        var refuses = Happens(Faults.Conflict);
        return await CallAsync(() => refuses ? ValueTask.FromResult(false) : inner.PutNewAsync(name, sent, CancellationToken.None), cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask PutAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        var sent = bytes.ToArray();
        await CallAsync(
            async () =>
            {
                await inner.PutAsync(name, sent, CancellationToken.None);
                return true;
            },
            cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]?> GetAsync(string name, CancellationToken cancellation) =>
        await CallAsync(() => inner.GetAsync(name, CancellationToken.None), cancellation);

    /// <inheritdoc/>
    public async ValueTask<int?> ReadAsync(string name, long offset, Memory<byte> into, CancellationToken cancellation)
    {
        // Into a buffer of its own: a late answer finds the caller's in other use.
        var received = new byte[into.Length];
        var read = await CallAsync(() => inner.ReadAsync(name, offset, received, CancellationToken.None), cancellation);
        received.AsMemory(0, read ?? 0).CopyTo(into);
        return read;
    }

    /// <inheritdoc/>
    public async ValueTask<ObjectPage> ListAsync(string prefix, string? page, CancellationToken cancellation) =>
        await CallAsync(() => inner.ListAsync(prefix, page, CancellationToken.None), cancellation);

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string name, CancellationToken cancellation) => await CallAsync(
        async () =>
        {
            await inner.DeleteAsync(name, CancellationToken.None);
            return true;
        },
        cancellation);

    private async Task<T> CallAsync<T>(Func<ValueTask<T>> serve, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        // Continuations go where their awaiter belongs; nothing here asks for a thread.
        var answer = new TaskCompletionSource<T>();
        using var given = cancellation.UnsafeRegister((_, token) => answer.TrySetCanceled(token), null);
        if (!Happens(Faults.LostRequest)) Begin(() => ServeAsync(serve, answer, Faults));
        if (Happens(Faults.Twice)) Begin(() => ServeLateAsync(serve, Faults));
        return await answer.Task;
    }

    private async Task ServeAsync<T>(Func<ValueTask<T>> serve, TaskCompletionSource<T> answer, ObjectFaults faults)
    {
        try
        {
            await DelayAsync(faults);
            if (Happens(faults.RefusedBefore)) throw new TimeoutException("503, not applied");
            if (Happens(faults.AppliedLate))
            {
                Begin(() => ServeLateAsync(serve, faults));
                throw new TimeoutException("500, applied later");
            }

            var result = await serve();
            await DelayAsync(faults);
            if (Happens(faults.RefusedAfter)) throw new TimeoutException("500, applied");
            if (!Happens(faults.LostAnswer)) answer.TrySetResult(result);
        }
        catch (Exception failure)
        {
            answer.TrySetException(failure);
        }
    }

    private async Task ServeLateAsync<T>(Func<ValueTask<T>> serve, ObjectFaults faults)
    {
        await Task.Delay(TimeSpan.FromSeconds(Fraction() * Fraction() * faults.LateSeconds), time);
        await serve();
    }

    private async Task DelayAsync(ObjectFaults faults)
    {
        var most = Happens(faults.Slow) ? faults.SlowSeconds : faults.Delay;
        if (most > 0) await Task.Delay(TimeSpan.FromSeconds(most * Fraction()), time);
    }

    private void Begin(Func<Task> action) => Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.None, scheduler);

    private bool Happens(double share)
    {
        if (share <= 0 || Fraction() >= share) return false;
        Interlocked.Increment(ref faulted);
        return true;
    }

    private double Fraction()
    {
        lock (gate) return random.NextDouble();
    }
}

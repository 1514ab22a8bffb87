namespace Rollbook.Testing;

/// <summary>A door that a test closes and opens, and at which it sees who waits.</summary>
public sealed class Gate
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly SemaphoreSlim _arrived = new(0);
    private TaskCompletionSource _open = Opened();

    /// <summary>Closes it: who comes from now on waits. Those who came before are forgotten.</summary>
    public void Close()
    {
        _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        while (_arrived.Wait(0))
        {
        }
    }

    /// <summary>Lets everybody through.</summary>
    public void Open() => _open.TrySetResult();

    /// <summary>Fails everybody who waits.</summary>
    public void Fail(Exception failure) => _open.TrySetException(failure);

    /// <summary>Passes, or waits.</summary>
    public Task PassAsync()
    {
        var door = _open.Task;
        _arrived.Release();
        return door;
    }

    /// <summary>Returns once one more has come.</summary>
    /// <param name="awaited">What is awaited, for the message.</param>
    public async Task ArrivalAsync(string awaited)
    {
        if (!await _arrived.WaitAsync(Patience)) throw new TimeoutException($"Nobody came to the gate in {Patience}: {awaited}.");
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }
}

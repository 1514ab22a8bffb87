namespace Rollbook.Testing;

/// <summary>The failure point of a run: so many calls succeed, then none does any more, as for a process that is cut off.</summary>
public sealed class StoreFaults
{
    private int _left = int.MaxValue;

    /// <summary>Whether a call was refused.</summary>
    public bool Struck { get; private set; }

    /// <summary>Lets so many more calls succeed.</summary>
    public void FailAfter(int calls) => Volatile.Write(ref _left, calls);

    /// <summary>One call.</summary>
    /// <exception cref="IOException">It is refused.</exception>
    public void Check()
    {
        if (Volatile.Read(ref _left) == int.MaxValue) return;
        if (Interlocked.Decrement(ref _left) >= 0) return;
        Volatile.Write(ref _left, 0);
        Struck = true;
        throw new IOException("The store is cut off.");
    }
}

using System.Collections.Concurrent;

namespace Rollbook.Archive;

/// <summary>
/// The names seen last, some thousands of them, of values that are there. Those that are asked for stay; the rest of the older half goes when the younger one is full.
/// </summary>
/// <param name="most">How many one half holds.</param>
internal sealed class KnownBlobs(int most = 4096)
{
    private ConcurrentDictionary<string, bool> younger = new(StringComparer.Ordinal);
    private ConcurrentDictionary<string, bool> older = new(StringComparer.Ordinal);
    private int count;

    /// <summary>Whether a name is known to be there; false says nothing.</summary>
    public bool Contains(string name)
    {
        if (younger.ContainsKey(name)) return true;
        if (!older.ContainsKey(name)) return false;
        Add(name);
        return true;
    }

    /// <summary>The value is there, durably.</summary>
    public void Add(string name)
    {
        // Threads that race here forget a few names at worst, which costs a look at the store.
        if (!younger.TryAdd(name, true) || Interlocked.Increment(ref count) < most) return;
        older = younger;
        younger = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        Volatile.Write(ref count, 0);
    }
}

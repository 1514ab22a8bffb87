namespace Rollbook.Episodes;

/// <summary>The hashes of an episode's last steps, at most 256 of them, found by ordinal. Grows with the episode, so that an idle one costs little.</summary>
public sealed class HashRing
{
    /// <summary>How many hashes are kept.</summary>
    public const int Capacity = 256;

    private UInt128[] slots = [];
    private int count;

    /// <summary>How many hashes are held.</summary>
    public int Count => count;

    /// <summary>The ordinal after the last hash.</summary>
    public long Next { get; private set; }

    /// <summary>Forgets all and begins at an ordinal.</summary>
    public void Reset(long next)
    {
        count = 0;
        Next = next;
    }

    /// <summary>Adds the hash of the step at <see cref="Next"/>.</summary>
    public void Add(UInt128 hash)
    {
        if (count == slots.Length && count < Capacity) Grow();
        slots[Next & (slots.Length - 1)] = hash;
        Next++;
        if (count < slots.Length) count++;
    }

    /// <summary>The hash of a step; false where the ordinal is older than those kept, or not recorded yet.</summary>
    public bool TryGet(long ordinal, out UInt128 hash)
    {
        hash = default;
        if (ordinal >= Next || ordinal < Next - count) return false;
        hash = slots[ordinal & (slots.Length - 1)];
        return true;
    }

    /// <summary>Takes over the hashes of another ring that ends at the same ordinal.</summary>
    public void CopyFrom(HashRing other)
    {
        Reset(other.Next - other.count);
        for (var ordinal = Next; ordinal < other.Next; ordinal++) Add(other.slots[ordinal & (other.slots.Length - 1)]);
    }

    private void Grow()
    {
        var grown = new UInt128[Math.Max(4, slots.Length * 4)];
        for (var ordinal = Next - count; ordinal < Next; ordinal++)
            grown[ordinal & (grown.Length - 1)] = slots[ordinal & (slots.Length - 1)];
        slots = grown;
    }
}

using System.Reflection;
using System.Runtime.InteropServices;

namespace Rollbook.Model.Tests.Explorer;

/// <summary>The states seen so far, in the order of their discovery: blocks of plain values, and an open table of their places.</summary>
internal sealed class StateSet<TState>
    where TState : unmanaged
{
    private const int BlockBits = 14;
    private const int BlockMask = (1 << BlockBits) - 1;

    private readonly List<TState[]> blocks = [];
    private int[] places = new int[1 << 16];

    /// <summary>Makes an empty set.</summary>
    /// <exception cref="NotSupportedException">A field is wider than a byte: the gaps between fields would count as differences.</exception>
    public StateSet() => RefuseWideFields(typeof(TState));

    /// <summary>How many states there are.</summary>
    public int Count { get; private set; }

    /// <summary>The state at this place.</summary>
    public ref readonly TState this[int place] => ref blocks[place >> BlockBits][place & BlockMask];

    /// <summary>Whether two states are the same.</summary>
    public static bool AreSame(in TState left, in TState right) => Bytes(left).SequenceEqual(Bytes(right));

    /// <summary>Adds a state; false if it was there.</summary>
    public bool TryAdd(in TState state)
    {
        var slot = Slot(state);
        if (places[slot] != 0) return false;
        if (Count >> BlockBits == blocks.Count) blocks.Add(new TState[1 << BlockBits]);
        blocks[Count >> BlockBits][Count & BlockMask] = state;
        places[slot] = ++Count;
        if (Count * 2 > places.Length) Grow();
        return true;
    }

    // Where the state is, or the free slot where it belongs. Zero marks a free slot, so places count from one.
    private int Slot(in TState state)
    {
        var slot = (int)(Hash(Bytes(state)) & (uint)(places.Length - 1));
        while (places[slot] != 0 && !AreSame(this[places[slot] - 1], state)) slot = (slot + 1) & (places.Length - 1);
        return slot;
    }

    private void Grow()
    {
        places = new int[places.Length * 2];
        for (var place = 0; place < Count; place++) places[Slot(this[place])] = place + 1;
    }

    // FNV-1a with a last mix: HashCode is seeded anew in each process, and a figure should be the same in every run.
    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = 14695981039346656037UL;
        foreach (var value in bytes) hash = (hash ^ value) * 1099511628211UL;
        return (uint)(hash ^ (hash >> 32));
    }

    private static ReadOnlySpan<byte> Bytes(in TState state) => MemoryMarshal.AsBytes(new ReadOnlySpan<TState>(in state));

    private static void RefuseWideFields(Type type)
    {
        foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            var of = field.FieldType.IsEnum ? Enum.GetUnderlyingType(field.FieldType) : field.FieldType;
            if (of == typeof(byte) || of == typeof(bool)) continue;
            if (of.IsPrimitive) throw new NotSupportedException($"{type.Name}.{field.Name} is wider than a byte: make it a byte.");
            RefuseWideFields(of);
        }
    }
}

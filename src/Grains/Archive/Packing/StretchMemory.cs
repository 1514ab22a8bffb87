namespace Rollbook.Archive;

/// <summary>
/// The memory of one stretch of a log, and then of the next one: what a busy log's archiver takes anew for each stretch, and lets go a second later, would make the
/// collector go through the whole heap each time.
/// </summary>
internal sealed class StretchMemory
{
    private const int BlockBytes = 1 << 20;

    // A short stretch follows each long one where the log is packed to its end.
    private const int SparedShare = 8;

    // As many as half a block has room for.
    private const int ListedPerBlock = 8_192;

    private readonly List<byte[]> blocks = [];
    private readonly Stack<List<PackedStep>> lists = [];

    // The first block that is not begun, and how much of the one before it is used.
    private int next;
    private int used;
    private int listed;

    /// <summary>Bytes that were copied.</summary>
    public long Bytes { get; private set; }

    /// <summary>Bytes that are held, used or not, but for what was too large for a block. The lists that wait to be used again take half as much besides, at most.</summary>
    public long Held => (long)blocks.Count * BlockBytes;

    /// <summary>Copies bytes. They stand until <see cref="Free"/>.</summary>
    public ReadOnlyMemory<byte> Copy(ReadOnlySpan<byte> bytes)
    {
        Bytes += bytes.Length;
        // Else most of a block would be left over for it.
        if (bytes.Length > BlockBytes / 4) return bytes.ToArray();
        if (next == 0 || used + bytes.Length > BlockBytes)
        {
            if (next == blocks.Count) blocks.Add(GC.AllocateUninitializedArray<byte>(BlockBytes));
            (next, used) = (next + 1, 0);
        }

        var copy = blocks[next - 1].AsMemory(used, bytes.Length);
        bytes.CopyTo(copy.Span);
        used += bytes.Length;
        return copy;
    }

    /// <summary>An empty list for a project's steps, until <see cref="Free"/>.</summary>
    public List<PackedStep> TakeList()
    {
        if (!lists.TryPop(out var list)) return [];
        listed -= list.Capacity;
        return list;
    }

    /// <summary>
    /// Makes all of it free for another stretch: only when nobody reads this one any more. Of what this stretch did not need a part is given up, so that the memory
    /// of a burst goes with the next stretches.
    /// </summary>
    public void Free(Stretch stretch)
    {
        var given = (blocks.Count - next + SparedShare - 1) / SparedShare;
        blocks.RemoveRange(blocks.Count - given, given);
        (next, used, Bytes) = (0, 0, 0);
        foreach (var project in stretch.Projects.Values)
        {
            project.Steps.Clear();
            lists.Push(project.Steps);
            listed += project.Steps.Capacity;
        }

        while (listed > (blocks.Count + 1) * ListedPerBlock) TakeList();
    }
}

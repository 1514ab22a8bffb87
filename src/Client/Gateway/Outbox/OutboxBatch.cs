namespace Rollbook.Client;

/// <summary>Steps that go in one call. Grows until it is sent the first time; from then on it is the same bytes at the same ordinals for ever.</summary>
/// <param name="from">The ordinal of the first step.</param>
internal sealed class OutboxBatch(long from)
{
    private byte[] buffer = [];
    private BatchWaiters waiters;
    private AppendSteps? request;
    private List<LargeText>? texts;
    private long textBytes;

    /// <summary>The ordinal of the first step.</summary>
    public long From { get; } = from;

    /// <summary>How many steps.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of their entries.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes that it keeps in memory: its entries, and the large texts that they name.</summary>
    public long Weight => Length + textBytes;

    /// <summary>The large texts that have to be kept before it is sent.</summary>
    public IReadOnlyList<LargeText> Texts => texts ?? [];

    /// <summary>Whether its texts were kept again since the recorder did not have one.</summary>
    public bool KeptAgain { get; set; }

    /// <summary>The ordinal behind the last step.</summary>
    public long Next => From + Count;

    /// <summary>Whether these steps may join.</summary>
    public bool HasRoom(int count, int bytes, int maxBytes) => Length + (long)bytes <= maxBytes && Count + count <= StepBatch.MaxSteps;

    /// <summary>Adds steps, copied.</summary>
    /// <param name="steps">The steps.</param>
    /// <param name="hint">How large a batch will probably become.</param>
    public void Add(in EncodedSpan steps, int hint)
    {
        var needed = Length + steps.Bytes.Length;
        if (buffer.Length < needed)
        {
            // One step alone gets what it needs: in lockstep there comes no second.
            var size = Count == 0 ? needed : Math.Max(Math.Max(needed, buffer.Length * 2), hint);
            var grown = GC.AllocateUninitializedArray<byte>(size);
            buffer.AsSpan(0, Length).CopyTo(grown);
            buffer = grown;
        }

        Count += steps.Count;
        steps.Bytes.CopyTo(buffer.AsSpan(Length));
        Length = needed;
        if (steps.Texts is null) return;
        (texts ??= []).AddRange(steps.Texts);
        textBytes += LargeText.Bytes(steps.Texts);
    }

    /// <summary>One more waits for it.</summary>
    public Task<Fate?> Wait() => waiters.Add();

    /// <summary>Takes those who wait so far; later ones wait anew.</summary>
    public BatchWaiters TakeWaiters()
    {
        var taken = waiters;
        waiters = default;
        return taken;
    }

    /// <summary>What is sent, at the first try and at every other.</summary>
    public AppendSteps Request(long writerEpoch) => request ??= new AppendSteps
    {
        From = From,
        Steps = new EncodedSteps(Count, buffer.AsMemory(0, Length)),
        WriterEpoch = writerEpoch,
    };
}

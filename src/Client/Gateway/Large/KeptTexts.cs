namespace Rollbook.Client;

/// <summary>Keeps large texts before the steps that name them, and remembers the last some thousands of them, which the recorder is known to have.</summary>
/// <param name="grainOf">The value of a hash.</param>
internal sealed class KeptTexts(Func<string, IBlobGrain> grainOf)
{
    private const int Most = 4096;

    private readonly Lock gate = new();
    private readonly HashSet<string> known = new(StringComparer.Ordinal);
    private readonly Queue<string> oldest = new();

    /// <summary>Keeps a text, durably when it returns Ok.</summary>
    /// <returns>Ok; Busy or Unavailable: the same again; UnknownBlob: the recorder keeps no large values. An exception is an unknown outcome.</returns>
    public async ValueTask<RollbookCode> KeepAsync(LargeText text)
    {
        lock (gate)
            if (known.Contains(text.Sha256)) return RollbookCode.Ok;
        var grain = grainOf(text.Sha256);
        var total = text.Utf8.Length;
        // As many calls as there are pieces, and some more where another client puts the same or an activation begins anew.
        var left = 8 + (4 * (total / BlobPiece.MaxBytes));
        for (long at = 0; ;)
        {
            if (left-- == 0) throw new InvalidDataException($"The recorder doesn't get on with the large value {text.Sha256}");
            var reply = await grain.Put(new BlobPiece(total, at, text.Utf8.Slice((int)at, (int)Math.Min(BlobPiece.MaxBytes, total - at)))).ConfigureAwait(false);
            if (reply.Code != RollbookCode.Ok) return reply.Code;
            if (reply.Next == total) break;
            if (reply.Next < 0 || reply.Next > total) throw new InvalidDataException($"The recorder asks for byte {reply.Next} of the large value {text.Sha256}, which has {total}");
            at = reply.Next;
        }

        Remember(text.Sha256);
        return RollbookCode.Ok;
    }

    /// <summary>The recorder says that it does not have it.</summary>
    public void Forget(string sha256)
    {
        lock (gate) known.Remove(sha256);
    }

    private void Remember(string sha256)
    {
        lock (gate)
        {
            if (!known.Add(sha256)) return;
            oldest.Enqueue(sha256);
            if (oldest.Count > Most) known.Remove(oldest.Dequeue());
        }
    }
}

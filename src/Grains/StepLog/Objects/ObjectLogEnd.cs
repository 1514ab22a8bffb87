using System.Runtime.CompilerServices;

namespace Rollbook.StepLog;

/// <summary>Puts the fence of one log, and frees what lies below its mark.</summary>
internal sealed class ObjectLogEnd(IObjectContainer container, ObjectCalls calls, LogId log)
{
    // Deletions cost nothing but their time.
    private const int DeletedAtOnce = 8;

    // More than a writer has under way.
    private const int FirstBarrier = 32;

    /// <summary>
    /// Puts the fence at the first free number from a mark on, or finds it there. A number that has a chunk or a fence keeps it for ever, so that all who look find the same first one
    /// without a chunk.
    /// </summary>
    public async ValueTask<long> FenceAsync(long trimmedTo, CancellationToken cancellation)
    {
        var number = await FirstFreeAsync(trimmedTo, cancellation);
        var isBarred = false;
        for (var ahead = FirstBarrier; !await TryFenceAsync(number, cancellation); ahead *= 2)
        {
            // The writer lives, and may be faster than whoever runs after it: a fence ahead of it holds it up. Where it gets that far, that one is the end; else the first gap is.
            isBarred = isBarred || await TryFenceAsync(number + ahead, cancellation);
            number = await FirstFreeAsync(number, cancellation);
        }

        return number;
    }

    /// <summary>Deletes all whole segments below a number, oldest chunks first.</summary>
    public async ValueTask TrimAsync(long to, CancellationToken cancellation)
    {
        var below = await BelowAsync(to, cancellation);
        if (below.Count == 0) return;
        var keptFrom = await SegmentStartAsync(to, below, cancellation);
        foreach (var some in below.Where(chunk => chunk.Number < keptFrom).Chunk(DeletedAtOnce))
            await Task.WhenAll(some.Select(chunk => DeleteAsync(chunk.Number, cancellation)));
    }

    /// <summary>
    /// The first number that a listing has no chunk of. One that is put during the listing may be missing from it: whoever puts the fence there finds the chunk, and goes on.
    /// </summary>
    private async ValueTask<long> FirstFreeAsync(long from, CancellationToken cancellation)
    {
        var number = from;
        await foreach (var entry in ListAsync(cancellation))
        {
            if (!ObjectNames.TryParseChunk(log, entry.Name, out var listed) || listed < number) continue;
            // A gap, whatever stands behind it, or the fence of another.
            if (listed > number || entry.Length < ChunkCodec.Alignment) break;
            number++;
        }

        return number;
    }

    // Each page until it is answered: a listing that began anew with each failure would never end where a store fails often and has much.
    private async IAsyncEnumerable<ObjectEntry> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var prefix = ObjectNames.Log(log);
        string? next = null;
        do
        {
            var from = next;
            var page = await calls.UntilAnsweredAsync($"the list of {prefix}", token => container.ListAsync(prefix, from, token), cancellation);
            foreach (var entry in page.Entries) yield return entry;
            next = page.Next;
        }
        while (next is not null);
    }

    private ValueTask<bool> TryFenceAsync(long number, CancellationToken cancellation)
    {
        var name = ObjectNames.Chunk(log, number);
        return calls.UntilAnsweredAsync(
            $"the fence {name}",
            async token =>
            {
                if (await container.PutNewAsync(name, FenceObject.Write(log, number), token)) return true;
                return await IsFenceAsync(number, token) ?? throw new TimeoutException($"{name} was refused, and nothing is there.");
            },
            cancellation);
    }

    private async ValueTask<bool?> IsFenceAsync(long number, CancellationToken cancellation)
    {
        var head = new byte[ChunkCodec.HeaderSize];
        var read = await container.ReadAsync(ObjectNames.Chunk(log, number), 0, head, cancellation);
        return read is { } length ? FenceObject.Is(head.AsSpan(0, length), log, number) : null;
    }

    private async ValueTask<List<(long Number, long Length)>> BelowAsync(long to, CancellationToken cancellation)
    {
        var below = new List<(long, long)>();
        await foreach (var entry in ListAsync(cancellation))
        {
            if (!ObjectNames.TryParseChunk(log, entry.Name, out var number)) continue;
            if (number >= to) break;
            below.Add((number, entry.Length));
        }

        return below;
    }

    /// <summary>
    /// The first chunk of the segment that holds chunk <paramref name="to"/>. A chunk tells how far from the segment's start it lies, and the listing how long those before it
    /// are.
    /// </summary>
    private async ValueTask<long> SegmentStartAsync(long to, List<(long Number, long Length)> below, CancellationToken cancellation)
    {
        var (number, at) = (to, below.Count);
        var offset = await OffsetAsync(to, cancellation);
        if (offset is null)
        {
            // Not written yet: it may go on in the segment of the last one, which is kept.
            number = below[--at].Number;
            offset = await OffsetAsync(number, cancellation) ?? 0;
        }

        for (; offset > 0 && at > 0; number = below[at].Number) offset -= below[--at].Length;
        return number;
    }

    /// <summary>The offset in its segment of a chunk, 0 of a fence, null where nothing is.</summary>
    private ValueTask<long?> OffsetAsync(long number, CancellationToken cancellation)
    {
        var name = ObjectNames.Chunk(log, number);
        return calls.UntilAnsweredAsync<long?>(
            name,
            async token =>
            {
                var head = new byte[ChunkCodec.HeaderSize];
                if (await container.ReadAsync(name, 0, head, token) is not { } length) return null;
                if (FenceObject.Is(head.AsSpan(0, length), log, number)) return 0;
                ChunkCodec.Peek(head, out var header);
                return header.Address.Offset;
            },
            cancellation);
    }

    private async Task DeleteAsync(long number, CancellationToken cancellation)
    {
        var name = ObjectNames.Chunk(log, number);
        await calls.UntilAnsweredAsync(
            $"the deletion of {name}",
            async token =>
            {
                await container.DeleteAsync(name, token);
                return true;
            },
            cancellation);
    }
}

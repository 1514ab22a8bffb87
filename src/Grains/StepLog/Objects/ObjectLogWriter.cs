namespace Rollbook.StepLog;

/// <summary>
/// Writes one log of this process: an object a chunk, several under way at once, each acknowledged when it and all before it are stored. Once one has failed, none behind it
/// is ever acknowledged.
/// </summary>
internal sealed class ObjectLogWriter(IObjectContainer container, ObjectCalls calls, LogId log)
{
    private readonly Lock gate = new();
    private long next;
    private Task last = Task.CompletedTask;

    /// <summary>The task of a chunk's acknowledgement. The bytes are in use until it ends.</summary>
    public Task AppendAsync(ChunkAddress at, ReadOnlyMemory<byte> chunk)
    {
        if (chunk.Length % ChunkCodec.Alignment != 0 || ChunkCodec.Peek(chunk.Span, out var header) != ChunkLook.Chunk || header.Log != log || header.Address != at)
            throw new InvalidOperationException($"The bytes are not chunk {at} of the log {log}.");
        lock (gate)
        {
            if (last.IsFaulted) return last;
            if (at.Number != next) return RepeatAsync(last, next, at, chunk);
            next++;
            return last = AcknowledgeAsync(last, at, chunk);
        }
    }

    private async Task AcknowledgeAsync(Task before, ChunkAddress at, ReadOnlyMemory<byte> chunk)
    {
        using var stop = new CancellationTokenSource();
        var put = PutAsync(at, chunk, stop.Token);
        try
        {
            await before;
        }
        catch (Exception)
        {
            stop.Cancel();
            await EndAsync(put);
            throw;
        }

        await put;
    }

    private async Task PutAsync(ChunkAddress at, ReadOnlyMemory<byte> chunk, CancellationToken stop)
    {
        var name = ObjectNames.Chunk(log, at.Number);
        var isStored = await calls.UntilAnsweredAsync(
            name,
            async token =>
            {
                if (await container.PutNewAsync(name, chunk, token)) return true;
                // Perhaps by an earlier try of this very call.
                var there = await container.GetAsync(name, token) ?? throw new TimeoutException($"{name} was refused, and nothing is there.");
                return chunk.Span.SequenceEqual(there);
            },
            stop);
        if (!isStored) throw new LogFencedException(log);
    }

    /// <summary>The same bytes again are what they were: stored. Other bytes mean that somebody else's object has this number.</summary>
    private async Task RepeatAsync(Task before, long end, ChunkAddress at, ReadOnlyMemory<byte> chunk)
    {
        await before;
        var name = ObjectNames.Chunk(log, at.Number);
        var there = await calls.UntilAnsweredAsync(name, token => container.GetAsync(name, token), CancellationToken.None);
        if (at.Number < end)
        {
            if (there is null) throw new ChunkTrimmedException(log, at.Number);
            if (!chunk.Span.SequenceEqual(there)) throw new LogFencedException(log);
            return;
        }

        if (there is not null && FenceObject.Is(there, log, at.Number)) throw new LogFencedException(log);
        throw new InvalidOperationException($"Chunk {at} does not follow chunk {end - 1} of the log {log}. A log of another process is fenced, and never gone on with.");
    }

    private static async Task EndAsync(Task put)
    {
        try
        {
            await put;
        }
        catch (Exception)
        {
            // What failed before it is what is told.
        }
    }
}

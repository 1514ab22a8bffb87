using System.Buffers;
using System.IO.Pipelines;

namespace Rollbook.Silo.Http;

/// <summary>A request's body in memory, decompressed. Its bytes go back to the pool with <see cref="Dispose"/>.</summary>
internal sealed class Body(BodyBudget budget) : IDisposable
{
    private byte[] array = [];
    private PipeReader? lender;
    private ReadOnlySequence<byte> lent;

    /// <summary>How many bytes it has.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes; gone after <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> Span => lender is null ? array.AsSpan(0, Length) : lent.FirstSpan;

    /// <summary>Uses the server's own buffer where the whole body lies there already, in one piece.</summary>
    /// <param name="source">The request's bytes, of which none has been read.</param>
    /// <param name="length">How many the body has.</param>
    /// <returns>False: nothing was read.</returns>
    public bool TryBorrow(PipeReader source, long length)
    {
        if (!source.TryRead(out var read)) return false;
        if (read.Buffer.Length < length || !read.Buffer.IsSingleSegment || read.IsCanceled)
        {
            source.AdvanceTo(read.Buffer.Start);
            return false;
        }

        lender = source;
        // What stands behind the body in the buffer is not ours.
        lent = read.Buffer.Slice(0, length);
        Length = (int)length;
        return true;
    }

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="source">The decompressed bytes.</param>
    /// <param name="expected">How many are announced; only a hint.</param>
    /// <param name="limit">The most that are taken.</param>
    /// <param name="cancellation">Ends the wait when the caller has gone.</param>
    /// <exception cref="TooLargeException">There are more.</exception>
    public async ValueTask FillAsync(Stream source, long expected, BodyLimit limit, CancellationToken cancellation)
    {
        // What is announced is not believed beyond 64 KiB: a caller that sends nothing must cost nothing. One byte more
        // than the body has lets the last read tell the end without growing.
        Grow((int)Math.Clamp(expected + 1, 4096, 64 * 1024));
        while (true)
        {
            // By four: all arrays that a body grows through are then together hardly more than the last one.
            if (Length == array.Length && Length < limit.Bytes) Grow((int)Math.Min(array.Length * 4L, limit.Bytes));
            var room = array.AsMemory(Length, Math.Min(array.Length, limit.Bytes) - Length);
            var read = await source.ReadAsync(room.IsEmpty ? new byte[1] : room, cancellation);
            if (read == 0) return;
            if (room.IsEmpty) throw new TooLargeException(limit.Text);
            Length += read;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lender?.AdvanceTo(lent.End);
        lender = null;
        Release(array);
        array = [];
        Length = 0;
    }

    private void Grow(int size)
    {
        budget.Take(size);
        byte[] grown;
        try
        {
            grown = ArrayPool<byte>.Shared.Rent(size);
        }
        catch
        {
            budget.Give(size);
            throw;
        }

        // The pool may lend more than was asked for; the budget counts what it lent.
        if (grown.Length > size) budget.Give(size - (long)grown.Length);
        array.AsSpan(0, Length).CopyTo(grown);
        Release(array);
        array = grown;
    }

    private void Release(byte[] lent)
    {
        if (lent.Length == 0) return;
        budget.Give(lent.Length);
        ArrayPool<byte>.Shared.Return(lent);
    }
}

using System.IO.Pipelines;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>A large value that comes in pieces: each goes to the store as it comes, and no more than two are held. One call at a time.</summary>
/// <param name="store">Where values are kept; null where the recorder keeps none.</param>
/// <param name="key">The value.</param>
internal sealed class BlobUpload(BlobStore? store, BlobKey key)
{
    private static readonly PipeOptions Pieces = new(pauseWriterThreshold: BlobPiece.MaxBytes, resumeWriterThreshold: BlobPiece.MaxBytes / 2, useSynchronizationContext: false);

    private Pipe? pipe;
    private Task<(long Bytes, bool IsNew)>? put;
    private CancellationTokenSource? stop;
    private long next;

    /// <summary>Takes a piece; see <see cref="IBlobGrain.Put"/>.</summary>
    /// <exception cref="TooLargeException">The value has more than 64 MiB.</exception>
    /// <exception cref="ArgumentException">The piece lies outside of the value.</exception>
    public async ValueTask<BlobReply> PutAsync(BlobPiece piece)
    {
        if (store is null) return new BlobReply(RollbookCode.UnknownBlob, 0);
        if (piece.Total > BlobStore.MaxBytes) throw BlobStore.TooLarge();
        if (piece.Offset < 0 || piece.Bytes.Length is 0 or > BlobPiece.MaxBytes || piece.Offset + piece.Bytes.Length > piece.Total)
            throw new ArgumentException($"A piece of {piece.Bytes.Length} bytes at {piece.Offset} is none of a value of {piece.Total} bytes in pieces of {BlobPiece.MaxBytes} at most.", nameof(piece));
        if (put is null && await store.ExistsAsync(key.Project, key.Sha256, CancellationToken.None)) return new BlobReply(RollbookCode.Ok, piece.Total);
        // A repeat, another client's, or one that began with an activation before this one.
        if (piece.Offset != next) return new BlobReply(RollbookCode.Ok, next);
        try
        {
            if (put is null) Begin();
            // Completed = the store reads no more, and has said why.
            if (!(await pipe!.Writer.WriteAsync(piece.Bytes)).IsCompleted)
            {
                next += piece.Bytes.Length;
                if (next < piece.Total) return new BlobReply(RollbookCode.Ok, next);
            }

            await pipe.Writer.CompleteAsync();
            await put!;
            Forget();
            return new BlobReply(RollbookCode.Ok, piece.Total);
        }
        catch (BlobHashException)
        {
            Abandon();
            return new BlobReply(RollbookCode.Unavailable, 0);
        }
        catch (StorageFullException)
        {
            Abandon();
            return new BlobReply(RollbookCode.Busy, 0);
        }
        catch
        {
            Abandon();
            throw;
        }
    }

    /// <summary>Gives up what has come so far: nothing of it is kept.</summary>
    public void Abandon()
    {
        stop?.Cancel();
        // Whoever waits for it has its answer; here nobody does.
        put?.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        Forget();
    }

    private void Begin()
    {
        pipe = new Pipe(Pieces);
        stop = new CancellationTokenSource();
        put = ReadAsync(pipe.Reader, stop.Token);
    }

    private async Task<(long Bytes, bool IsNew)> ReadAsync(PipeReader reader, CancellationToken cancellation)
    {
        try
        {
            return await store!.PutAsync(key.Project, key.Sha256, reader.AsStream(leaveOpen: true), cancellation);
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private void Forget()
    {
        stop?.Dispose();
        (pipe, put, stop, next) = (null, null, null, 0);
    }
}

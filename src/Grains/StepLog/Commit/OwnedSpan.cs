using System.Buffers;
using Rollbook.Episodes;

namespace Rollbook.StepLog;

/// <summary>
/// The run of owned frames at the head of a segment: the tail, less the hashes, of every episode that the log owns at that moment, which is how recovery
/// finds the silent ones. Written in slices between other frames, so that a log with 100,000 episodes doesn't stop for it. It counts
/// only once it is closed. Its log's lock guards every call.
/// </summary>
internal sealed class OwnedSpan(LogClaim[] claims)
{
    private static readonly EpisodeKey NoEpisode = new("", default);

    private readonly ArrayBufferWriter<byte> payload = new();
    private int next;
    private long? beginChunk;

    /// <summary>Whether its closing frame is queued.</summary>
    public bool Closed { get; private set; }

    /// <summary>Writes up to <paramref name="bytes"/> of owned frames into a batch that will be chunk <paramref name="chunk"/> or later.</summary>
    public void WriteSlice(CommitQueue queue, long chunk, int bytes, long now)
    {
        beginChunk ??= chunk;
        var written = 0;
        while (next < claims.Length && written < bytes)
        {
            var claim = claims[next++];
            // A claim that is known lost or over is not owned; an ended episode is found by its end frame, unless it is being resumed.
            if (claim.State == ClaimState.Gone || (claim.DurablyEnded && claim.Tail.Ended)) continue;
            payload.ResetWrittenCount();
            TailCodec.Write(payload, claim.Tail, withHashes: false);
            var length = FrameCodec.LengthOf(claim.Key, payload.WrittenCount);
            queue.For(length, now).Add(null, FrameKind.Owned, claim.Key, claim.Term, claim.Tail.NextOrdinal, 0, payload.WrittenSpan);
            written += length;
        }

        if (next < claims.Length) return;
        queue.For(FrameCodec.LengthOf(NoEpisode, 0), now).Add(null, FrameKind.OwnedClose, NoEpisode, 0, beginChunk.Value, 0, default);
        Closed = true;
    }
}

using Rollbook.Episodes;

namespace Rollbook.StepLog;

/// <summary>
/// One term of one episode in the log of this silo: the right to append, and the tail that the log keeps for its owned frames.
/// All fields are guarded by the log's lock; an activation reads the tail of its own claim between its own appends only.
/// </summary>
public sealed class LogClaim
{
    internal LogClaim(EpisodeKey key, long term, EpisodeTail tail, LogClaim? older)
    {
        Key = key;
        Term = term;
        Tail = tail;
        Older = older;
        DurableNext = tail.NextOrdinal;
        DurablyEnded = tail.Ended;
    }

    /// <summary>The episode.</summary>
    public EpisodeKey Key { get; }

    /// <summary>The term.</summary>
    public long Term { get; }

    /// <summary>The tail after everything that was enqueued, durable or not.</summary>
    public EpisodeTail Tail { get; }

    /// <summary>What is known of the header's compare-and-swap.</summary>
    public ClaimState State { get; internal set; } = ClaimState.Pending;

    /// <summary>True once a newer term raised the minimum: nothing more is taken.</summary>
    public bool Closed { get; internal set; }

    /// <summary>The ordinal after the last step that is durable and released.</summary>
    public long DurableNext { get; internal set; }

    /// <summary>The chunk of its newest durable frame; -1 before the first.</summary>
    public long LastChunk { get; internal set; } = -1;

    /// <summary>Where that frame stands in its chunk, in bytes.</summary>
    public int LastPlace { get; internal set; }

    /// <summary>Whether the ending is durable and released.</summary>
    public bool DurablyEnded { get; internal set; }

    /// <summary>Completes when everything enqueued so far is durable; faults when the log is poisoned.</summary>
    public Task LastCommit { get; internal set; } = Task.CompletedTask;

    /// <summary>The header's nonce, once it is not known whether its compare-and-swap was applied.</summary>
    internal string? Nonce { get; set; }

    /// <summary>The claim of an earlier term in the same log, while it may still be the owner.</summary>
    internal LogClaim? Older { get; set; }

    /// <summary>Completed at each release of one of its frames, where somebody waits.</summary>
    internal TaskCompletionSource? Released { get; set; }
}

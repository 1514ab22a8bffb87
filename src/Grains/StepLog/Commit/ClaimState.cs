namespace Rollbook.StepLog;

/// <summary>What a log knows of a claim that it holds.</summary>
public enum ClaimState
{
    /// <summary>The start frame is queued or durable; the header's compare-and-swap is in flight or its outcome unknown.</summary>
    Pending,

    /// <summary>The compare-and-swap was seen to succeed.</summary>
    Owned,

    /// <summary>Another won, or the episode was forgotten after its end.</summary>
    Gone,
}

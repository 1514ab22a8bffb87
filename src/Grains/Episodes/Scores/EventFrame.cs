using Rollbook.StepLog;

namespace Rollbook.Episodes;

/// <summary>A score or label event on its way into the log.</summary>
/// <param name="Kind">Score or Label.</param>
/// <param name="EventId">Its id.</param>
/// <param name="Hash">The hash of its body.</param>
/// <param name="Payload">The frame's payload.</param>
internal readonly record struct EventFrame(FrameKind Kind, string EventId, UInt128 Hash, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The labels of a label event, which may be too many.</summary>
    public LabelEvent? Labels { get; init; }
}

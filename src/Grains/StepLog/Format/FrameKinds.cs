namespace Rollbook.StepLog;

/// <summary>What the kinds have in common.</summary>
internal static class FrameKinds
{
    /// <summary>Whether a frame of an episode says all of it that its term knows: reading a tail begins at the last such frame.</summary>
    public static bool CarriesTail(this FrameKind kind) => kind is FrameKind.Start or FrameKind.End or FrameKind.Resume or FrameKind.Patch;
}

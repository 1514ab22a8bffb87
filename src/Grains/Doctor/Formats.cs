using Rollbook.Archive;
using Rollbook.StepLog;

namespace Rollbook.Doctor;

/// <summary>The newest versions of the formats on disk that this release writes and reads.</summary>
internal static class Formats
{
    /// <summary>Name and version, in the order of their place in a step's way.</summary>
    public static readonly (string Name, int Version)[] All =
        [("chunk", ChunkCodec.Version), ("frame", FrameCodec.Version), ("index", SegmentIndexCodec.Version), ("pack", PackFormat.Version)];
}

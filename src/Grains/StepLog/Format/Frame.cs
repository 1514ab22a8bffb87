using System.Text;

namespace Rollbook.StepLog;

/// <summary>One frame, a view into the bytes that it was read from.</summary>
public readonly ref struct Frame
{
    /// <summary>What it says.</summary>
    public required FrameKind Kind { get; init; }

    /// <summary>Bytes from this frame's start to the next one's.</summary>
    public required int Length { get; init; }

    /// <summary>The tenant, UTF-8.</summary>
    public required ReadOnlySpan<byte> ProjectUtf8 { get; init; }

    /// <summary>The episode.</summary>
    public required EpisodeId Episode { get; init; }

    /// <summary>The term that wrote it.</summary>
    public required long Term { get; init; }

    /// <summary>The first step's ordinal; for other kinds the next ordinal at that moment.</summary>
    public required long Ordinal { get; init; }

    /// <summary>Steps in it; 0 for other kinds.</summary>
    public required int Count { get; init; }

    /// <summary>The rest, opaque to the log.</summary>
    public required ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>The episode's key.</summary>
    public EpisodeKey Key => new(Encoding.UTF8.GetString(ProjectUtf8), Episode);
}

using Rollbook.StepLog;

namespace Rollbook.Cli;

/// <summary>What one log of a data directory holds and how it ends.</summary>
internal sealed record LogReport
{
    public required LogId Log { get; init; }

    public required int Segments { get; init; }

    /// <summary>What could be read, from the first chunk on without a gap.</summary>
    public required LogTally Held { get; init; }

    /// <summary>Whole chunks behind the damage, or behind the fence of a repair: nobody reads them.</summary>
    public required LogTally Behind { get; init; }

    /// <summary>The first chunk; above 0 where the older ones were freed.</summary>
    public required long? FirstChunk { get; init; }

    /// <summary>The number after the last readable chunk.</summary>
    public required long NextChunk { get; init; }

    public required LogEnding Ending { get; init; }

    public LogEnd? Fence { get; init; }

    public long TornBytes { get; init; }

    public LogDamage? Damage { get; init; }

    /// <summary>How it ends, in words.</summary>
    public string Text => Ending switch
    {
        LogEnding.Clean => "clean",
        LogEnding.TornTail => $"torn tail of {TornBytes} bytes, never acknowledged",
        LogEnding.Fenced => $"fenced at {Fence!.Value.Fence}"
            + (Fence.Value.TornBytes > 0 ? $", {Fence.Value.TornBytes} bytes cut" : "")
            + (Behind.Chunks > 0 ? $", {Behind.Chunks} chunks cut off behind it" : ""),
        LogEnding.OtherFormat => $"chunk {NextChunk} has a format that this release doesn't know: verify with the release that wrote it",
        _ => $"CORRUPT at chunk {Damage!.Chunk} ({Damage.File}:{Damage.Offset}): {Damage.Reason}",
    };

    public bool IsGood => Ending is LogEnding.Clean or LogEnding.TornTail or LogEnding.Fenced;
}

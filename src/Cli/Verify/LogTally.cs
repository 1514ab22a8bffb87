using Rollbook.StepLog;

namespace Rollbook.Cli;

/// <summary>Counts what chunks hold.</summary>
internal sealed class LogTally
{
    private readonly Dictionary<EpisodeKey, long> _steps = [];

    public long Chunks { get; private set; }

    public long Frames { get; private set; }

    public long Steps { get; private set; }

    /// <summary>Episodes that any frame names.</summary>
    public int Episodes => _steps.Count;

    /// <summary>The episodes with frames here, each with its number of steps here.</summary>
    public IReadOnlyDictionary<EpisodeKey, long> StepsOfEpisodes => _steps;

    /// <summary>Counts a chunk that was proved whole.</summary>
    public void Add(in StoredChunk chunk)
    {
        Chunks++;
        var rest = chunk.Frames.Span;
        while (!rest.IsEmpty && FrameCodec.TryRead(rest, out var frame))
        {
            Frames++;
            var steps = frame.Kind == FrameKind.Steps ? frame.Count : 0;
            Steps += steps;
            // The frame that closes a run of owned frames is of no episode.
            if (frame.Kind != FrameKind.OwnedClose)
                _steps[frame.Key] = _steps.GetValueOrDefault(frame.Key) + steps;
            rest = rest[frame.Length..];
        }
    }
}

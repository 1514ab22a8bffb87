using System.Text;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>What one project has in a stretch of a log, from the chunk on to which it is packed already.</summary>
internal sealed class ProjectStretch(string name, LogId log, long packedTo, List<PackedStep> steps)
{
    /// <summary>The project's name.</summary>
    public string Name => name;

    /// <summary>The project's name as frames have it.</summary>
    public ReadOnlyMemory<byte> NameUtf8 { get; } = Encoding.UTF8.GetBytes(name);

    /// <summary>The log.</summary>
    public LogId Log => log;

    /// <summary>The project's own begin: its pack starts here, whatever lies between.</summary>
    public long PackedTo => packedTo;

    /// <summary>The steps, in log order until <see cref="Sort"/>.</summary>
    public List<PackedStep> Steps => steps;

    /// <summary>The score events, in log order until <see cref="Sort"/>.</summary>
    public List<ScoreRow> Scores { get; } = [];

    /// <summary>The frames that are no steps.</summary>
    public FramePackWriter Frames { get; } = new(log);

    /// <summary>The episodes that had ended.</summary>
    public EndedRows Ended { get; } = new(log);

    /// <summary>Whether anything is to be packed.</summary>
    public bool IsEmpty => Steps.Count == 0 && Frames.Count == 0;

    /// <summary>Sorts by episode and ordinal, and by episode and place: the order of the files.</summary>
    public void Sort()
    {
        Steps.Sort(static (a, b) => a.Episode.CompareTo(b.Episode) is var order && order != 0 ? order : a.Ordinal.CompareTo(b.Ordinal));
        Scores.Sort(static (a, b) =>
        {
            var order = a.Episode.CompareTo(b.Episode);
            if (order == 0) order = a.Chunk.CompareTo(b.Chunk);
            return order == 0 ? a.Place.CompareTo(b.Place) : order;
        });
    }
}

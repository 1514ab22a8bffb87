using System.Text;
using Rollbook.Episodes;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>Reads one stretch of a log chunk by chunk and gives each frame to its project.</summary>
/// <param name="storage">The device.</param>
/// <param name="memory">Takes the steps.</param>
/// <param name="packedTo">How far a project is packed in this log.</param>
/// <param name="endedBefore">The tail of an episode that had ended in a term before a chunk; null where it had not.</param>
internal sealed class StretchReader(
    IStepLogStorage storage, StretchMemory memory, Func<string, ValueTask<long>> packedTo, Func<EpisodeKey, long, long, ValueTask<EpisodeTail?>> endedBefore)
{
    // What a step costs in memory besides its bytes.
    private const int StepCost = 96;

    /// <summary>Reads from a chunk on until so many bytes are held or the end is reached.</summary>
    /// <exception cref="LogCorruptException">A chunk is damaged.</exception>
    /// <exception cref="LogVersionException">A newer release wrote a frame.</exception>
    /// <exception cref="ChunkTrimmedException">A chunk is gone: somebody else packed it.</exception>
    public async ValueTask<Stretch> ReadAsync(LogId log, long from, long end, long maxBytes, CancellationToken cancellation)
    {
        var stretch = new Stretch(log) { To = from };
        if (from >= end) return stretch;
        await foreach (var chunk in storage.ReadAsync(log, from, end, cancellation))
        {
            var number = chunk.Header.Address.Number;
            if (number < from) continue;
            var at = 0;
            while (at < chunk.Frames.Length)
            {
                // What a frame needs to be known first is found outside of the view into its bytes.
                var missing = Take(stretch, chunk, ref at);
                if (missing is { Project: { } project }) stretch.Projects.Add(project, new ProjectStretch(project, log, await packedTo(project), memory.TakeList()));
                else if (missing is { Episode: { } key }) stretch.Projects[key.Project].Ended.Give(key, missing.Term, await endedBefore(key, missing.Term, from));
            }

            stretch.To = number + 1;
            if (memory.Bytes + (stretch.Projects.Values.Sum(static p => (long)p.Steps.Count) * StepCost) >= maxBytes) break;
        }

        return stretch;
    }

    private Missing Take(Stretch stretch, in StoredChunk chunk, ref int at)
    {
        var number = chunk.Header.Address.Number;
        while (at < chunk.Frames.Length)
        {
            // The device proved the chunk: what can't be read here was written by a newer release.
            if (!FrameCodec.TryRead(chunk.Frames.Span[at..], out var frame)) throw new LogVersionException(chunk.Header.Log, number);
            if (frame.Kind != FrameKind.OwnedClose)
            {
                if (Find(stretch, frame.ProjectUtf8) is not { } project) return new Missing(Encoding.UTF8.GetString(frame.ProjectUtf8), null, 0);
                if (number >= project.PackedTo)
                {
                    if (project.Ended.NeedsTail(frame)) return new Missing(null, frame.Key, frame.Term);
                    Take(project, frame, chunk.Frames.Span.Slice(at, frame.Length), number, ChunkCodec.HeaderSize + at);
                }
            }

            at += frame.Length;
        }

        return default;
    }

    private void Take(ProjectStretch project, in Frame frame, ReadOnlySpan<byte> bytes, long chunk, int place)
    {
        if (frame.Kind == FrameKind.Steps)
        {
            var entries = frame.Payload;
            for (var ordinal = frame.Ordinal; ordinal < frame.Ordinal + frame.Count; ordinal++)
            {
                var step = StepEntry.Read(entries);
                entries = entries[step.Length..];
                project.Steps.Add(new PackedStep(frame.Episode, ordinal, frame.Term, project.Log, chunk, place, memory.Copy(step.Bytes)));
            }

            return;
        }

        project.Ended.Apply(frame, chunk, place);
        if (frame.Kind == FrameKind.Owned) return;
        project.Frames.Add(chunk, place, bytes);
        if (frame.Kind == FrameKind.Score)
            project.Scores.Add(new ScoreRow(frame.Episode, ScoreCodec.Read(frame.Payload), frame.Term, project.Log, chunk, place));
    }

    // There are few projects, and each frame names one: compared as bytes.
    private static ProjectStretch? Find(Stretch stretch, ReadOnlySpan<byte> projectUtf8)
    {
        foreach (var project in stretch.Projects.Values)
            if (project.NameUtf8.Span.SequenceEqual(projectUtf8)) return project;
        return null;
    }

    private readonly record struct Missing(string? Project, EpisodeKey? Episode, long Term);
}

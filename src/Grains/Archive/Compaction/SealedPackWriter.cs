using System.Buffers;
using System.Runtime.CompilerServices;
using Rollbook.Episodes;
using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>
/// Writes whole episodes as the pack of one day. The pack stands for a log of its own, of which every episode is a chunk: its steps, its scores, and in the end one
/// frame with the whole record. So it is found and read like any log that is freed.
/// </summary>
internal sealed class SealedPackWriter(EpisodeReader reader, ScoreReader scoreReader, PackFiles files)
{
    private const int PageSteps = 4096;

    /// <summary>Writes the files.</summary>
    /// <param name="project">The project.</param>
    /// <param name="attempt">The compaction that writes, whose name its files have.</param>
    /// <param name="archive">The pack's log.</param>
    /// <param name="day">The day.</param>
    /// <param name="episodes">Sorted by episode.</param>
    /// <param name="at">This moment, Unix milliseconds.</param>
    /// <param name="cancellation">Ends it at the next write.</param>
    /// <exception cref="EpisodeUnreadableException">One of them can't be read.</exception>
    public async ValueTask<Pack> WriteAsync(
        string project, LogId attempt, LogId archive, DateOnly day, IReadOnlyList<SealedEpisode> episodes, long at, CancellationToken cancellation)
    {
        var frames = new FramePackWriter(archive);
        var rows = new List<EpisodeRow>();
        var scores = new List<ScoreRow>();
        for (var chunk = 0; chunk < episodes.Count; chunk++) await AddAsync(episodes[chunk], archive, chunk, frames, rows, scores, cancellation);
        long steps = 0;
        return new Pack
        {
            Log = archive,
            From = 0,
            To = episodes.Count,
            At = at,
            Day = day,
            Steps = episodes.All(static e => e.Tail.NextOrdinal == 0) ? null : await files.WriteAsync(
                Name(ArchiveKind.Steps), () => steps, WriteStepsAsync, cancellation),
            Episodes = await files.WriteAsync(
                Name(ArchiveKind.Episodes), () => rows.Count, (stream, _) => Task.FromResult(EpisodePackWriter.Write(stream, project, rows)), cancellation),
            Scores = scores.Count == 0 ? null : await files.WriteAsync(
                Name(ArchiveKind.Scores), () => scores.Count, (stream, _) => Task.FromResult(ScorePackWriter.Write(stream, scores)), cancellation),
            Frames = await files.WriteAsync(Name(ArchiveKind.Frames), () => frames.Count, frames.WriteAsync, cancellation),
        };

        string Name(ArchiveKind kind) => ArchivePaths.Day(project, kind, day, attempt.ToString());

        async Task WriteStepsAsync(Stream stream, CancellationToken token)
        {
            using var writer = new StepPackWriter(stream);
            for (var chunk = 0; chunk < episodes.Count; chunk++)
                await foreach (var step in StepsOfAsync(episodes[chunk], archive, chunk, token)) writer.Add(step);
            steps = writer.Complete();
        }
    }

    private async ValueTask AddAsync(
        SealedEpisode episode, LogId archive, int chunk, FramePackWriter frames, List<EpisodeRow> rows, List<ScoreRow> scores, CancellationToken cancellation)
    {
        var (header, tail) = (episode.Header, episode.Tail);
        var term = header.Term + 1;
        var total = tail.NextOrdinal;
        var place = SealedIndex.PlaceBehindSteps(total);
        await foreach (var score in ScoresOfAsync(episode, cancellation))
        {
            scores.Add(new ScoreRow(header.Key.Id, score, term, archive, chunk, place));
            AddFrame(FrameKind.Score, ScoreCodec.Write(score, HashOf(tail, score), 0).Span);
        }

        rows.Add(new EpisodeRow(tail.Record, tail.Summary, term, archive, chunk, place));
        var payload = new ArrayBufferWriter<byte>();
        TailCodec.Write(payload, tail, withHashes: false);
        // Last: what stands in front of it it has already.
        AddFrame(FrameKind.End, payload.WrittenSpan);

        void AddFrame(FrameKind kind, ReadOnlySpan<byte> content)
        {
            var frame = new byte[FrameCodec.LengthOf(header.Key, content.Length)];
            FrameCodec.Write(frame, kind, header.Key, term, total, 0, content);
            frames.Add(chunk, place++, frame);
        }
    }

    // What the caller sent with a score can't be told from the event any more (its time may be the recorder's): the hash is the tail's.
    private static UInt128 HashOf(EpisodeTail tail, ScoreEvent score) => tail.Events is { } events && events.TryGet(score.EventId, out var hash) ? hash : ScoreCodec.HashOf(score);

    private async IAsyncEnumerable<ScoreEvent> ScoresOfAsync(SealedEpisode episode, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (episode.Tail.Events is not { ScoreCount: > 0 } events) yield break;
        for (var from = 0; from < events.ScoreCount;)
        {
            var page = await ReadAsync(episode, () => scoreReader.ReadAsync(episode.Header, events.ScoresFrom, from, events.ScoreCount, cancellation));
            if (page.Code != RollbookCode.Ok || page.Scores.Count == 0) throw new EpisodeUnreadableException(episode.Header.Key, null);
            foreach (var score in page.Scores) yield return score;
            from += page.Scores.Count;
        }
    }

    private async IAsyncEnumerable<PackedStep> StepsOfAsync(SealedEpisode episode, LogId archive, int chunk, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (key, term, total) = (episode.Header.Key, episode.Header.Term + 1, episode.Tail.NextOrdinal);
        for (long from = 0; from < total;)
        {
            var page = await ReadAsync(episode, () => reader.ReadAsync(episode.Header, from, total, PageSteps, cancellation));
            if (page.Code != RollbookCode.Ok || page.Steps.Count == 0) throw new EpisodeUnreadableException(key, null);
            var entries = page.Steps.Bytes;
            for (var i = 0; i < page.Steps.Count; i++)
            {
                var length = StepEntry.Read(entries.Span).Length;
                yield return new PackedStep(key.Id, from++, term, archive, chunk, 0, entries[..length]);
                entries = entries[length..];
            }
        }
    }

    private static async ValueTask<T> ReadAsync<T>(SealedEpisode episode, Func<ValueTask<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception failure) when (failure is PackDamagedException or FrameDamagedException or LogCorruptException)
        {
            throw new EpisodeUnreadableException(episode.Header.Key, failure);
        }
    }
}

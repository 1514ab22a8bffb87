using Rollbook.StepLog;

namespace Rollbook.Archive;

/// <summary>
/// Writes what is left of some packs of one log when whole episodes leave them: one pack of the same chunks. What is left of a sealed pack is sealed as before.
/// </summary>
internal sealed class RestPackWriter(PackReaders readers, PackFiles files)
{
    /// <summary>Writes the files.</summary>
    /// <param name="project">The project.</param>
    /// <param name="attempt">The compaction that writes, whose name its files have.</param>
    /// <param name="inputs">Packs of one log, in its order; or one sealed pack, and no other of its day with the same name.</param>
    /// <param name="leaving">The episodes that are not taken over.</param>
    /// <param name="rows">The rows of the episodes that stay and whose newest row is this log's, sorted by episode.</param>
    /// <param name="cancellation">Ends it at the next write.</param>
    /// <returns>The pack; null where nothing is left.</returns>
    /// <exception cref="PackDamagedException">An input is not what was written.</exception>
    public async ValueTask<Pack?> WriteAsync(
        string project, LogId attempt, IReadOnlyList<Pack> inputs, IReadOnlySet<EpisodeId> leaving, IReadOnlyList<EpisodeRow> rows, CancellationToken cancellation)
    {
        var (log, from, to) = (inputs[0].Log, inputs[0].From, inputs[^1].To);
        var scores = new List<ScoreRow>();
        var frames = new FramePackWriter(log);
        foreach (var input in inputs)
        {
            if (input.Scores is not null)
                foreach (var score in await readers.ScoresAsync(input.Scores.Name, cancellation))
                    if (!leaving.Contains(score.Episode)) scores.Add(score);
            if (input.Frames is not null) await AddFramesAsync(input.Frames.Name, log, leaving, frames, cancellation);
        }

        scores.Sort(static (a, b) => (a.Episode, a.Chunk, a.Place).CompareTo((b.Episode, b.Chunk, b.Place)));
        var pack = new Pack
        {
            Log = log,
            From = from,
            To = to,
            At = inputs[^1].At,
            Day = inputs[0].Day,
            Steps = await WriteStepsAsync(inputs, leaving, Name(ArchiveKind.Steps), cancellation),
            Episodes = rows.Count == 0 ? null : await files.WriteAsync(
                Name(ArchiveKind.Episodes), () => rows.Count, (stream, _) => Task.FromResult(EpisodePackWriter.Write(stream, project, rows)), cancellation),
            Scores = scores.Count == 0 ? null : await files.WriteAsync(
                Name(ArchiveKind.Scores), () => scores.Count, (stream, _) => Task.FromResult(ScorePackWriter.Write(stream, scores)), cancellation),
            Frames = frames.Count == 0 ? null : await files.WriteAsync(Name(ArchiveKind.Frames), () => frames.Count, frames.WriteAsync, cancellation),
        };
        return pack.Files.Any() ? pack : null;

        string Name(ArchiveKind kind) => inputs[0].Day is { } day
            ? ArchivePaths.Day(project, kind, day, attempt.ToString())
            : ArchivePaths.Pack(project, log, from, to, kind, attempt);
    }

    private async ValueTask AddFramesAsync(string name, LogId log, IReadOnlySet<EpisodeId> leaving, FramePackWriter into, CancellationToken cancellation)
    {
        await using var lease = await readers.FramesAsync(name, log, cancellation);
        await foreach (var (chunk, offset, bytes) in lease.Reader.AllAsync(lease.Content, cancellation))
        {
            if (!FrameCodec.TryRead(bytes.Span, out var frame)) throw new PackDamagedException(name, null, $"the frame of chunk {chunk} at byte {offset} does not prove itself");
            if (!leaving.Contains(frame.Episode)) into.Add(chunk, offset, bytes.Span);
        }
    }

    // The inputs are sorted, each by itself: the smallest head of all is next.
    private async ValueTask<ManifestFile?> WriteStepsAsync(IReadOnlyList<Pack> inputs, IReadOnlySet<EpisodeId> leaving, string name, CancellationToken cancellation)
    {
        var heads = new PriorityQueue<IEnumerator<PackedStep>, (EpisodeId, long)>();
        var sources = new List<IAsyncDisposable>();
        try
        {
            foreach (var input in inputs)
            {
                if (input.Steps is null) continue;
                var lease = await readers.StepsAsync(input.Steps.Name, cancellation);
                sources.Add(lease);
                Advance(lease.Reader.ReadAll().GetEnumerator());
            }

            if (heads.Count == 0) return null;
            long steps = 0;
            return await files.WriteAsync(name, () => steps, Write, cancellation);

            Task Write(Stream stream, CancellationToken token)
            {
                using var writer = new StepPackWriter(stream);
                while (heads.TryDequeue(out var head, out _))
                {
                    token.ThrowIfCancellationRequested();
                    writer.Add(head.Current);
                    Advance(head);
                }

                steps = writer.Complete();
                return Task.CompletedTask;
            }
        }
        finally
        {
            foreach (var (head, _) in heads.UnorderedItems) head.Dispose();
            foreach (var source in sources) await source.DisposeAsync();
        }

        void Advance(IEnumerator<PackedStep> head)
        {
            while (head.MoveNext())
            {
                if (leaving.Contains(head.Current.Episode)) continue;
                heads.Enqueue(head, (head.Current.Episode, head.Current.Ordinal));
                return;
            }

            head.Dispose();
        }
    }
}

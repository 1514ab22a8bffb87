using Rollbook.Archive;

namespace Rollbook.Export;

/// <summary>A row an episode. Which frame said so is no matter of an export: term, log, chunk and place are 0.</summary>
internal sealed class EpisodeTableWriter(Stream to, string project) : TableWriter
{
    private readonly RowPackWriter<EpisodeRow> writer = EpisodePackWriter.Open(to, project, PackTuning.Default);

    /// <inheritdoc/>
    public override ValueTask AddAsync(EpisodeContent episode, Func<ValueTask> written, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        writer.Add(new EpisodeRow(episode.Record, episode.Summary, 0, default, 0, 0));
        return written();
    }

    /// <inheritdoc/>
    public override long Complete(IReadOnlyList<LeftOut> leftOut) => writer.Complete(leftOut);

    /// <inheritdoc/>
    public override void Dispose() => writer.Dispose();
}

using Rollbook.Archive;

namespace Rollbook.Export;

/// <summary>A row a score event. Which frame held it is no matter of an export: term, log, chunk and place are 0.</summary>
internal sealed class ScoreTableWriter(Stream to) : TableWriter
{
    private readonly RowPackWriter<ScoreRow> writer = ScorePackWriter.Open(to, PackTuning.Default);

    /// <inheritdoc/>
    public override async ValueTask AddAsync(EpisodeContent episode, Func<ValueTask> written, CancellationToken cancellation)
    {
        await foreach (var page in episode.Scores().WithCancellation(cancellation))
        {
            foreach (var score in page) writer.Add(new ScoreRow(episode.Record.Key.Id, score, 0, default, 0, 0));
            await written();
        }
    }

    /// <inheritdoc/>
    public override long Complete(IReadOnlyList<LeftOut> leftOut) => writer.Complete(leftOut);

    /// <inheritdoc/>
    public override void Dispose() => writer.Dispose();
}

using Rollbook.Archive;

namespace Rollbook.Export;

/// <summary>A row a step. Which frame held it is no matter of an export: term, log, chunk and place are 0.</summary>
internal sealed class StepTableWriter(Stream to) : TableWriter
{
    private readonly StepPackWriter writer = new(to);

    /// <inheritdoc/>
    public override async ValueTask AddAsync(EpisodeContent episode, Func<ValueTask> written, CancellationToken cancellation)
    {
        await foreach (var page in episode.Steps().WithCancellation(cancellation))
        {
            var ordinal = page.From;
            for (var rest = page.Steps.Bytes; !rest.IsEmpty;)
            {
                var length = StepEntry.Read(rest.Span).Length;
                writer.Add(new PackedStep(episode.Record.Key.Id, ordinal++, 0, default, 0, 0, rest[..length]));
                rest = rest[length..];
            }

            await written();
        }
    }

    /// <inheritdoc/>
    public override long Complete(IReadOnlyList<LeftOut> leftOut) => writer.Complete(leftOut);

    /// <inheritdoc/>
    public override void Dispose() => writer.Dispose();
}

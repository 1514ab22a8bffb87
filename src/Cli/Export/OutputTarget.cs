using Rollbook.Client;
using Rollbook.Export;

namespace Rollbook.Cli;

/// <summary>The standard output: what has been written can't be taken back, so that a broken connection ends it.</summary>
internal sealed class OutputTarget(RollbookHttpClient client, ExportForm form, TextWriter output) : IExportTarget
{
    public async Task WriteAsync(IReadOnlyList<ExportItem> episodes, ExportReport report, CancellationToken cancellationToken)
    {
        await using var stream = new WriterStream(output);
        foreach (var batch in ExportBatches.Of(episodes))
        {
            await client.ExportAsync(form.Name, [.. batch.Select(episode => episode.EpisodeId)], stream, report.Received, cancellationToken);
            foreach (var episode in batch)
                report.Exported(episode, file: null);
        }
    }
}

using Rollbook.Client;
using Rollbook.Export;

namespace Rollbook.Cli;

/// <summary>The standard output: what has been written can't be taken back, so that a broken connection ends it.</summary>
internal sealed class OutputTarget(RollbookHttpClient client, ExportForm form, TextWriter output) : IExportTarget
{
    public async Task WriteAsync(IReadOnlyList<ExportItem> episodes, ExportReport report, CancellationToken cancellationToken)
    {
        await using var stream = new WriterStream(output);
        var request = new ExportRequest(client, form, report);
        foreach (var batch in ExportBatches.Of(episodes))
        {
            if (batch.Count > 1)
            {
                await SeveralAsync(request, batch, stream, report, cancellationToken);
                continue;
            }

            if (await request.OneAsync(batch[0], stream, cancellationToken))
                report.Exported(batch[0], file: null);
        }
    }

    // By way of a file: only at its end an answer says what it left out.
    private static async Task SeveralAsync(ExportRequest request, IReadOnlyList<ExportItem> batch, Stream to, ExportReport report, CancellationToken cancellationToken)
    {
        await using var lines = new FileStream(
            Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.Asynchronous | FileOptions.DeleteOnClose);
        var written = await request.LinesAsync(batch, lines, cancellationToken);
        lines.Position = 0;
        await lines.CopyToAsync(to, cancellationToken);
        foreach (var episode in written)
            report.Exported(episode, file: null);
    }
}

using Rollbook.Client;
using Rollbook.Export;

namespace Rollbook.Cli;

/// <summary>A zip archive with a file an episode, as the recorder streams it.</summary>
internal sealed class ArchiveTarget(RollbookHttpClient client, ExportForm form, string path, Existing existing) : IExportTarget
{
    public async Task WriteAsync(IReadOnlyList<ExportItem> episodes, ExportReport report, CancellationToken cancellationToken)
    {
        if (existing == Existing.Resume)
            throw new CliException(ExitCode.Usage, "usage", $"An archive of {form.Name} files can't be gone on with. Name a directory with --output: each episode gets a file there, and --resume leaves those alone that are there.");
        if (episodes.Count > ExportBatches.Most)
            throw new CliException(ExitCode.Usage, "usage", $"An archive holds at most {ExportBatches.Most} episodes, and these are {episodes.Count}. Name a directory with --output: each episode gets a file there.");

        foreach (var episode in await new ExportRequest(client, form, report).ArchiveAsync(episodes, path, cancellationToken))
            report.Exported(episode, path);
    }
}

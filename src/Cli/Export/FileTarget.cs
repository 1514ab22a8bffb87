using Rollbook.Client;
using Rollbook.Export;

namespace Rollbook.Cli;

/// <summary>One file with the lines of all episodes. What is unfinished is <c>FILE.part</c>, whose whole episodes a later run keeps.</summary>
internal sealed class FileTarget(RollbookHttpClient client, ExportForm form, string path, Existing existing) : IExportTarget
{
    public async Task WriteAsync(IReadOnlyList<ExportItem> episodes, ExportReport report, CancellationToken cancellationToken)
    {
        if (existing == Existing.Resume && File.Exists(path))
        {
            // A part is renamed when it is whole: nothing is missing.
            foreach (var episode in episodes)
                report.Kept(episode, path);
            return;
        }

        await using var part = await PartFile.OpenAsync(path, form, existing == Existing.Resume, cancellationToken);
        if (part.LastId is { } last && episodes.All(episode => episode.EpisodeId != last))
        {
            throw new CliException(
                ExitCode.Failed, "another_export", $"'{part.Path}' ends with the episode {last}, which is not among those to export. Name the same episodes as before, or delete that file.");
        }

        var done = 0;
        try
        {
            foreach (var episode in episodes)
            {
                if (string.CompareOrdinal(episode.EpisodeId, part.LastId) <= 0)
                {
                    report.Kept(episode, path);
                }
                else
                {
                    await client.ExportAsync(form.Name, [episode.EpisodeId], part.Stream, report.Received, cancellationToken);
                    await part.Stream.FlushAsync(cancellationToken);
                    report.Exported(episode, path);
                }

                done++;
            }
        }
        catch when (done > 0)
        {
            report.Part(part.Path, done, episodes.Count);
            throw;
        }
        catch
        {
            await part.DeleteAsync();
            throw;
        }

        await part.FinishAsync();
    }
}

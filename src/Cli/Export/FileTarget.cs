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
            // A file of one episode is that one; of several it says which, since damaged ones were left out.
            Keep(episodes, episodes.Count == 1 ? null : await PartFile.ReadIdsAsync(path, form, cancellationToken), report);
            return;
        }

        await using var part = await PartFile.OpenAsync(path, form, existing == Existing.Resume, cancellationToken);
        if (part.LastId is { } last && episodes.All(episode => episode.EpisodeId != last))
        {
            throw new CliException(
                ExitCode.Failed, "another_export", $"'{part.Path}' ends with the episode {last}, which is not among those to export. Name the same episodes as before, or delete that file.");
        }

        var before = episodes.TakeWhile(episode => string.CompareOrdinal(episode.EpisodeId, part.LastId) <= 0).ToList();
        var done = Keep(before, part.Ids, report);
        try
        {
            var request = new ExportRequest(client, form, report);
            foreach (var batch in ExportBatches.Of([.. episodes.Skip(before.Count)]))
            {
                if (batch.Count > 1 && await TryAsync(request, batch, part.Stream, report, cancellationToken) is { } written)
                {
                    done += written;
                    continue;
                }

                foreach (var episode in batch)
                {
                    if (!await request.OneAsync(episode, part.Stream, cancellationToken))
                        continue;
                    await part.Stream.FlushAsync(cancellationToken);
                    report.Exported(episode, path);
                    done++;
                }
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

        if (done > 0)
            await part.FinishAsync();
        else
            await part.DeleteAsync();
    }

    // A file is ordered by id, so that nothing can be put between what it has. Null = it has all.
    private int Keep(IReadOnlyList<ExportItem> episodes, IReadOnlySet<string>? there, ExportReport report)
    {
        var kept = 0;
        foreach (var episode in episodes)
        {
            if (there?.Contains(episode.EpisodeId) == false)
            {
                report.Missing(episode, $"Episode {episode.EpisodeId} is not in '{path}', which an earlier run wrote beyond it: it was damaged then, or did not fit the filters. Give --force to begin anew.");
                continue;
            }

            report.Kept(episode, path);
            kept++;
        }

        return kept;
    }

    // Null where one of them is refused, or the answer breaks off: then they come one by one, up to that one.
    private async Task<int?> TryAsync(ExportRequest request, IReadOnlyList<ExportItem> batch, FileStream stream, ExportReport report, CancellationToken cancellationToken)
    {
        var start = stream.Position;
        IReadOnlyList<ExportItem> written;
        try
        {
            written = await request.LinesAsync(batch, stream, cancellationToken);
        }
        catch (RollbookException)
        {
            stream.SetLength(start);
            stream.Position = start;
            return null;
        }

        await stream.FlushAsync(cancellationToken);
        foreach (var episode in written)
            report.Exported(episode, path);
        return written.Count;
    }
}

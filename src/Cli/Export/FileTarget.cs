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

        var kept = episodes.TakeWhile(episode => string.CompareOrdinal(episode.EpisodeId, part.LastId) <= 0).ToList();
        foreach (var episode in kept)
            report.Kept(episode, path);
        var done = kept.Count;
        try
        {
            foreach (var batch in ExportBatches.Of([.. episodes.Skip(kept.Count)]))
            {
                if (batch.Count > 1 && await TryAsync(batch, part.Stream, report, cancellationToken))
                {
                    done += batch.Count;
                    continue;
                }

                foreach (var episode in batch)
                {
                    await client.ExportAsync(form.Name, [episode.EpisodeId], part.Stream, report.Received, cancellationToken);
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

        await part.FinishAsync();
    }

    // False where one of them is refused, or breaks off: then they come one by one, up to that one.
    private async Task<bool> TryAsync(IReadOnlyList<ExportItem> batch, FileStream stream, ExportReport report, CancellationToken cancellationToken)
    {
        var start = stream.Position;
        try
        {
            await client.ExportAsync(form.Name, [.. batch.Select(episode => episode.EpisodeId)], stream, report.Received, cancellationToken);
        }
        catch (RollbookException)
        {
            stream.SetLength(start);
            stream.Position = start;
            return false;
        }

        await stream.FlushAsync(cancellationToken);
        foreach (var episode in batch)
            report.Exported(episode, path);
        return true;
    }
}

using System.IO.Compression;
using Rollbook.Client;
using Rollbook.Export;

namespace Rollbook.Cli;

/// <summary>Asks for episodes. What is damaged where it is stored is left out, and told; whatever else the recorder refuses ends the export.</summary>
internal sealed class ExportRequest(RollbookHttpClient client, ExportForm form, ExportReport report)
{
    /// <summary>Writes one episode.</summary>
    /// <returns>Whether it is there; false where it is damaged, and then nothing of it was written.</returns>
    public async Task<bool> OneAsync(ExportItem episode, Stream stream, CancellationToken cancellationToken)
    {
        var start = stream.CanSeek ? stream.Position : 0;
        try
        {
            await client.ExportAsync(form.Name, [episode.EpisodeId], stream, report.Received, cancellationToken);
            return true;
        }
        catch (RollbookException e) when (e.Code == ExportReport.Damaged)
        {
            // It is refused before its first byte; of an attempt that broke off before something may be there.
            if (stream.CanSeek)
            {
                stream.SetLength(start);
                stream.Position = start;
            }

            report.LeftOut(episode, e.Message);
            return false;
        }
    }

    /// <summary>Writes the lines of several.</summary>
    /// <returns>Those that are there.</returns>
    public async Task<IReadOnlyList<ExportItem>> LinesAsync(IReadOnlyList<ExportItem> episodes, Stream stream, CancellationToken cancellationToken)
    {
        var start = stream.Position;
        await SendAsync(episodes, stream, cancellationToken);
        return Rest(episodes, await LeftOutLine.TakeAsync(stream, start, cancellationToken));
    }

    /// <summary>Writes an archive with a file each.</summary>
    /// <returns>Those that are there.</returns>
    public async Task<IReadOnlyList<ExportItem>> ArchiveAsync(IReadOnlyList<ExportItem> episodes, string path, CancellationToken cancellationToken)
    {
        await WholeFile.WriteAsync(path, async stream =>
        {
            await SendAsync(episodes, stream, cancellationToken);
            return 0;
        });
        await using var archive = await ZipFile.OpenReadAsync(path, cancellationToken);
        if (archive.GetEntry(LeftOut.FileName) is not { } entry)
            return episodes;
        await using var content = await entry.OpenAsync(cancellationToken);
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, cancellationToken);
        return Rest(episodes, LeftOut.Read(bytes.ToArray()));
    }

    private Task SendAsync(IReadOnlyList<ExportItem> episodes, Stream stream, CancellationToken cancellationToken) => client.ExportAsync(
        form.Name, [KeyValuePair.Create("episode_id", string.Join(',', episodes.Select(static episode => episode.EpisodeId))), KeyValuePair.Create("damaged", "leave_out")], stream,
        report.Received, cancellationToken);

    private List<ExportItem> Rest(IReadOnlyList<ExportItem> episodes, IReadOnlyList<LeftOut> leftOut)
    {
        var details = leftOut.ToDictionary(static each => each.EpisodeId, static each => each.Detail, StringComparer.Ordinal);
        var there = new List<ExportItem>();
        foreach (var episode in episodes)
        {
            if (details.TryGetValue(episode.EpisodeId, out var detail))
                report.LeftOut(episode, detail);
            else
                there.Add(episode);
        }

        return there;
    }
}

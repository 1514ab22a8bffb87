using System.IO.Compression;
using System.IO.Pipelines;
using Microsoft.Net.Http.Headers;

namespace Rollbook.Silo.Http;

/// <summary>Episodes as a file, streamed: none is in memory whole, and the first byte goes when the first episode could be read.</summary>
/// <param name="form">The format.</param>
/// <param name="episodes">Which episodes.</param>
/// <param name="after">Only those behind this id.</param>
internal sealed class ExportReply(ExportForm form, ExportedEpisodes episodes, EpisodeId? after) : IResult
{
    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, gone) = (httpContext.Response, httpContext.RequestAborted);
        await using var opened = new OpenedEpisodes(episodes.ReadAsync(after, gone), gone);
        await opened.PeekAsync();
        var isOne = episodes.Selection.IsOne;
        Begin(response, isOne ? form.One : form.Many, episodes.Selection, episodes.Selection.Name);
        if (form.ManyAreFiles && !isOne) await WriteFilesAsync(response.BodyWriter, opened, gone);
        else await WriteLinesAsync(response.BodyWriter, opened, gone);
    }

    /// <summary>Sets the headers of a file of episodes.</summary>
    public static void Begin(HttpResponse response, ExportFile file, IEpisodeSelection selection, string name)
    {
        response.ContentType = file.MediaType;
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(name + file.Extension);
        response.Headers.ContentDisposition = disposition.ToString();
        response.Headers["Rollbook-Complete"] = selection.Missing.Count == 0 ? "true" : "false";
    }

    private async Task WriteLinesAsync(PipeWriter output, OpenedEpisodes opened, CancellationToken gone)
    {
        while (await opened.NextAsync() is { } next)
        {
            await using (next) await next.WriteAsync(form, output, gone);
        }

        if (episodes.LeftOut.Count == 0) return;
        await output.WriteAsync(LeftOut.Write(episodes.LeftOut), gone);
        await output.WriteAsync("\n"u8.ToArray(), gone);
    }

    private async Task WriteFilesAsync(PipeWriter output, OpenedEpisodes opened, CancellationToken gone)
    {
        // Disposed at the end alone: the list of files that closes an archive would make one that broke off look whole.
        var archive = await ZipArchive.CreateAsync(output.AsStream(leaveOpen: true), ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, gone);
        while (await opened.NextAsync() is { } next)
        {
            await using var episode = next;
            var entry = archive.CreateEntry(episode.Record.Key.Id + form.One.Extension, CompressionLevel.Fastest);
            entry.LastWriteTime = ZipTime(episode.Record.EndTime ?? episode.Record.StartTime);
            await using var stream = await entry.OpenAsync(gone);
            var pipe = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
            await episode.WriteAsync(form, pipe, gone);
            await pipe.CompleteAsync();
        }

        if (episodes.LeftOut.Count > 0)
        {
            await using var stream = await archive.CreateEntry(LeftOut.FileName, CompressionLevel.Fastest).OpenAsync(gone);
            await stream.WriteAsync(LeftOut.Write(episodes.LeftOut), gone);
        }

        await archive.DisposeAsync();
        await output.FlushAsync(gone);
    }

    /// <summary>What an archive's clock can hold: 1980 to 2107.</summary>
    private static DateTimeOffset ZipTime(double unixSeconds) =>
        DateTimeOffset.FromUnixTimeSeconds((long)Math.Clamp(unixSeconds, 315_619_200, 4_354_732_800));
}

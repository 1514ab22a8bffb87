using System.IO.Compression;
using System.IO.Pipelines;
using Microsoft.Net.Http.Headers;

namespace Rollbook.Silo.Http;

/// <summary>Episodes as a file, streamed: none is in memory whole, and the first byte goes when the first episode could be read.</summary>
/// <param name="form">The format.</param>
/// <param name="selection">Which episodes.</param>
/// <param name="after">Only those behind this id.</param>
/// <param name="episodes">Reads them.</param>
internal sealed class ExportReply(ExportForm form, IEpisodeSelection selection, EpisodeId? after, ExportedEpisodes episodes) : IResult
{
    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, gone) = (httpContext.Response, httpContext.RequestAborted);
        await using var keys = selection.ReadAsync(after, gone).GetAsyncEnumerator(gone);
        var first = await keys.MoveNextAsync() ? await episodes.OpenAsync(keys.Current, gone) : null;
        var file = selection.IsOne ? form.One : form.Many;
        response.ContentType = file.MediaType;
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(selection.Name + file.Extension);
        response.Headers.ContentDisposition = disposition.ToString();
        if (form.ManyAreFiles && !selection.IsOne) await WriteFilesAsync(response.BodyWriter, first, keys, gone);
        else await WriteLinesAsync(response.BodyWriter, first, keys, gone);
    }

    private async Task WriteLinesAsync(PipeWriter output, EpisodeExport? first, IAsyncEnumerator<EpisodeKey> keys, CancellationToken gone)
    {
        for (var next = first; next is not null;)
        {
            await using (var episode = next) await episode.WriteAsync(form, output, gone);
            next = await NextAsync(keys, gone);
        }
    }

    private async Task WriteFilesAsync(PipeWriter output, EpisodeExport? first, IAsyncEnumerator<EpisodeKey> keys, CancellationToken gone)
    {
        // Disposed at the end alone: the list of files that closes an archive would make one that broke off look whole.
        var archive = await ZipArchive.CreateAsync(output.AsStream(leaveOpen: true), ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, gone);
        for (var next = first; next is not null;)
        {
            await using (var episode = next)
            {
                var entry = archive.CreateEntry(episode.Record.Key.Id + form.One.Extension, CompressionLevel.Fastest);
                entry.LastWriteTime = ZipTime(episode.Record.EndTime ?? episode.Record.StartTime);
                await using var stream = await entry.OpenAsync(gone);
                var pipe = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
                await episode.WriteAsync(form, pipe, gone);
                await pipe.CompleteAsync();
            }

            next = await NextAsync(keys, gone);
        }

        await archive.DisposeAsync();
        await output.FlushAsync(gone);
    }

    private async ValueTask<EpisodeExport?> NextAsync(IAsyncEnumerator<EpisodeKey> keys, CancellationToken gone) =>
        await keys.MoveNextAsync() ? await episodes.OpenAsync(keys.Current, gone) : null;

    /// <summary>What an archive's clock can hold: 1980 to 2107.</summary>
    private static DateTimeOffset ZipTime(double unixSeconds) =>
        DateTimeOffset.FromUnixTimeSeconds((long)Math.Clamp(unixSeconds, 315_619_200, 4_354_732_800));
}

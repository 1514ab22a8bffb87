namespace Rollbook.Silo.Http;

/// <summary>A table of episodes as a Parquet file, streamed: no more than a row group is in memory.</summary>
/// <param name="table">The table.</param>
/// <param name="project">The caller's project.</param>
/// <param name="episodes">Which episodes.</param>
/// <param name="after">Only those behind this id.</param>
internal sealed class ParquetReply(ExportTable table, string project, ExportedEpisodes episodes, EpisodeId? after) : IResult
{
    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, gone) = (httpContext.Response, httpContext.RequestAborted);
        await using var contents = episodes.ReadAsync(after, gone).GetAsyncEnumerator(gone);
        var more = await contents.MoveNextAsync();
        ExportReply.Begin(response, table.File, episodes.Selection, episodes.Selection.Name);
        await using var target = new BodyStream(response.BodyWriter);
        var writer = table.Open(target, project);
        try
        {
            for (; more; more = await contents.MoveNextAsync()) await writer.AddAsync(contents.Current, () => target.SendAsync(gone), gone);
            writer.Complete(episodes.LeftOut);
        }
        catch
        {
            // A file that is closed looks whole: nothing more of it may go.
            target.Break();
            throw;
        }
        finally
        {
            writer.Dispose();
        }

        await target.SendAsync(gone);
    }
}

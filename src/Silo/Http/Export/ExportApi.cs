namespace Rollbook.Silo.Http;

/// <summary>Episodes as files.</summary>
internal static class ExportApi
{
    /// <summary>Maps the route.</summary>
    public static void MapExport(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/export", Export).WithTags("Export").WithName("Export")
            .WithSummary("Episodes as a file, streamed.")
            .WithDescription("`format` (required) is jsonl, atif, sts, traj or reference. One `episode_id` alone gives that episode's file; else, ordered by id, the episodes' lines one behind another (jsonl, atif, reference), or a zip archive with a file each (sts, traj). `after` goes on behind the last one that is there already.")
            .Produces(200, contentType: "application/x-ndjson", additionalContentTypes: ["application/json", "application/zip"]).WithProblems(400, 404, 409, 503)
            .WithQuery("format", "episode_id", "worker", "after");

    private static ExportReply Export(HttpContext http, IGrainFactory grains)
    {
        var form = http.Request.Query["format"] is [var name] ? ExportForm.Find(name) : null;
        if (form is null) throw RefusedException.BadRequest($"format in the query must be one of {ExportForm.Names}.");
        var selection = NamedEpisodes.Of(http, grains);
        var after = After(http);
        if (after is not null && form.ManyAreFiles)
            throw RefusedException.BadRequest($"after is for formats of lines: an archive of {form.Name} files can't be gone on with. Leave it out, or name each episode on its own.");
        return new ExportReply(form, selection, after, new ExportedEpisodes(grains));
    }

    private static EpisodeId? After(HttpContext http)
    {
        var values = http.Request.Query["after"];
        if (values.Count == 0) return null;
        return values is [{ } text] && EpisodeId.TryParse(text, out var id) ? id : throw RefusedException.BadRequest("after in the query must be one episode id.");
    }
}

using Rollbook.Access;
using Rollbook.Archive;
using Rollbook.Query;

namespace Rollbook.Silo.Http;

/// <summary>Episodes as files.</summary>
internal static class ExportApi
{
    private static readonly string Formats = $"{ExportForm.Names}, {ExportTable.Format}";

    /// <summary>Maps the route.</summary>
    public static void MapExport(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/export", Export).WithTags("Export").WithName("Export").Requires(AccessScopes.Export, lasts: true, audit: "export")
            .WithSummary("Episodes as a file, streamed.")
            .WithDescription("`format` (required) is jsonl, atif, sts, traj, reference or parquet. One `episode_id` alone gives that episode's file. Several, or a filter as of `GET /v1/episodes` (none of either: all episodes that are there now), give the episodes ordered by id: their lines one behind another (jsonl, atif, reference), a zip archive with a file each (sts, traj), or one `table` of them (parquet). `after` goes on behind the last one that is there already. One that is damaged where it is stored is left out of what a filter finds and named at the end, in a last line `{\"left_out\": [{episode_id, code, detail}]}`, in the archive's file `left-out.json`, or in the table's metadata as `rollbook.left_out`; `damaged=refuse` ends the export there, and `damaged=leave_out` leaves it out of those that are named, too, of a table also where one is named. `Rollbook-Complete: false` says that logs did not answer.")
            .Produces(200, contentType: "application/x-ndjson", additionalContentTypes: ["application/json", "application/zip", "application/vnd.apache.parquet"]).WithProblems(400, 404, 409, 503)
            .WithQuery(["format", "table", "episode_id", "after", "damaged", .. ListParameters.Filters]);

    private static IResult Export(HttpContext http, EpisodeSources episodes, IServiceProvider services)
    {
        ListParameters.Check(http, "format", "table", "episode_id", "after", "damaged");
        var format = http.Request.Query["format"] is [var name] ? name : null;
        var form = ExportForm.Find(format);
        if (form is null && format != ExportTable.Format) throw RefusedException.BadRequest($"format in the query must be one of {Formats}.");
        var table = ListParameters.One(http, "table");
        if (form is not null && table is not null) throw RefusedException.BadRequest($"table is for format={ExportTable.Format}. Leave it out.");
        var after = After(http);
        var kind = ExportTable.Find(table)?.Kind;
        var selected = new ExportedEpisodes(
            Selection(http, episodes, services, isTable: form is null), episodes, steps: form is not null || kind == ArchiveKind.Steps, scores: form is not null || kind == ArchiveKind.Scores);
        if (form is null)
        {
            return ExportTable.Find(table) is { } found
                ? new ParquetReply(found, CallerProject.Of(http), selected, after)
                : throw RefusedException.BadRequest($"A Parquet file holds one table: table must be one of {ExportTable.Names}.");
        }

        if (after is not null && form.ManyAreFiles)
            throw RefusedException.BadRequest($"after is for formats of lines: an archive of {form.Name} files can't be gone on with. Leave it out, or name each episode on its own.");
        return new ExportReply(form, selected, after);
    }

    private static IEpisodeSelection Selection(HttpContext http, EpisodeSources episodes, IServiceProvider services, bool isTable)
    {
        var project = CallerProject.Of(http);
        var filter = ListParameters.Filter(http);
        var damaged = LeavesOutDamaged(http);
        if (!http.Request.Query.ContainsKey("episode_id")) return new FilteredEpisodes(project, filter, ArchiveServices.Of<EpisodeQueries>(services), damaged ?? true);
        if (ListParameters.Filters.FirstOrDefault(http.Request.Query.ContainsKey) is { } given)
            throw RefusedException.BadRequest($"Either episode_id names the episodes, or a filter chooses them: leave out episode_id or {given}.");
        var ids = QueryLists.Read(http, "episode_id").Select(id => PathNames.Episode(http, id).Id).Distinct().ToList();
        return ids.Count > 0
            // A file of one episode has no place for such a note, and who asks for one is told at once; a table has, of however many it is.
            ? new NamedEpisodes(project, ids, episodes, leavesOutDamaged: damaged == true && (isTable || ids.Count > 1))
            : throw RefusedException.BadRequest("episode_id in the query names no episode. Give ids, several times or with commas between, or leave it out and give a filter.");
    }

    private static bool? LeavesOutDamaged(HttpContext http) => ListParameters.One(http, "damaged") switch
    {
        null => null,
        "leave_out" => true,
        "refuse" => false,
        _ => throw RefusedException.BadRequest("damaged in the query must be leave_out or refuse."),
    };

    private static EpisodeId? After(HttpContext http)
    {
        var values = http.Request.Query["after"];
        if (values.Count == 0) return null;
        return values is [{ } text] && EpisodeId.TryParse(text, out var id) ? id : throw RefusedException.BadRequest("after in the query must be one episode id.");
    }
}

using Rollbook.Access;
using Rollbook.Query;

namespace Rollbook.Silo.Http;

/// <summary>What all episodes together tell: lists and statistics, running ones included, at most two seconds behind.</summary>
internal static class HistoryApi
{
    private const int MaxKs = 16;
    private const int MaxK = 100_000;

    /// <summary>Maps the routes.</summary>
    public static void MapHistory(this IEndpointRouteBuilder routes)
    {
        string[] paging = ["order", "limit", "cursor"];
        routes.MapGet("/v1/episodes", ListAsync).WithTags("History").WithName("ListEpisodes").Requires(AccessScopes.Read)
            .WithSummary("Episodes by filter, in an order, page by page.")
            .WithDescription("`{items, next_cursor, as_of, complete, missing}`. An item is the record as `GET /v1/episodes/{id}?steps=false` gives it, without its score events and its writer, and with the sums over its steps. A filter that is given several times takes each of its values; all filters, and all labels, must hold.")
            .Produces(200, contentType: "application/json").WithProblems(400, 503).WithQuery([.. ListParameters.Filters, .. paging, "fresh"]);
        routes.MapGet("/v1/workers", WorkersAsync).WithTags("History").WithName("ListWorkers").Requires(AccessScopes.Read)
            .WithSummary("Workers as their episodes tell: what each does now, how many it recorded, when it was last seen.")
            .WithDescription("The filters choose the episodes that are counted.")
            .Produces(200, contentType: "application/json").WithProblems(400, 503).WithQuery([.. ListParameters.Filters, .. paging]);
        routes.MapGet("/v1/stats", StatsAsync).WithTags("History").WithName("ReadStatistics").Requires(AccessScopes.Query)
            .WithSummary("Counts, scores, steps, durations, errors and pass@k, by groups.")
            .WithDescription("pass@k is the unbiased estimate 1 − C(n−c, k)/C(n, k) (arXiv:2107.03374), averaged over groups, or with `over=task` over tasks, that have at least k scored attempts.")
            .Produces(200, contentType: "application/json").WithProblems(400, 503).WithQuery([.. ListParameters.Filters, "group_by", "k", "threshold", "over"]);
    }

    private static async Task<IResult> ListAsync(HttpContext http, IServiceProvider services)
    {
        ListParameters.Check(http, "order", "limit", "cursor", "fresh");
        var order = ListParameters.Order(http, ListOrder.Episodes, "-start_time");
        var page = await ArchiveServices.Of<EpisodeQueries>(services).ListAsync(
            CallerProject.Of(http), ListParameters.Filter(http), order, ListParameters.Limit(http), ListParameters.Cursor(http, order), http.RequestAborted,
            QueryNumbers.Flag(http, "fresh", absent: false));
        return HistoryWriter.Page(page, HistoryWriter.Episode);
    }

    private static async Task<IResult> WorkersAsync(HttpContext http, IServiceProvider services)
    {
        ListParameters.Check(http, "order", "limit", "cursor");
        var order = ListParameters.Order(http, ListOrder.Workers, "-last_seen");
        var page = await ArchiveServices.Of<EpisodeQueries>(services).WorkersAsync(
            CallerProject.Of(http), ListParameters.Filter(http), order, ListParameters.Limit(http), ListParameters.Cursor(http, order), http.RequestAborted);
        return HistoryWriter.Page(page, HistoryWriter.Worker);
    }

    private static async Task<IResult> StatsAsync(HttpContext http, IServiceProvider services)
    {
        ListParameters.Check(http, "group_by", "k", "threshold", "over");
        var request = new StatsRequest
        {
            GroupBy = GroupBy(http),
            Ks = Ks(http),
            Threshold = ListParameters.Number(http, "threshold") ?? 1,
            OverTasks = ListParameters.One(http, "over") switch
            {
                null or "group" => false,
                "task" => true,
                _ => throw RefusedException.BadRequest("over must be group or task."),
            },
            Filter = ListParameters.Filter(http),
        };
        var stats = await ArchiveServices.Of<EpisodeQueries>(services).StatsAsync(CallerProject.Of(http), request, http.RequestAborted);
        return HistoryWriter.Stats(request, stats);
    }

    private static IReadOnlyList<string> GroupBy(HttpContext http)
    {
        var names = ListParameters.Names(http, "group_by");
        return names.All(StatsRequest.Fields.ContainsKey) && names.Distinct().Count() == names.Count
            ? names
            : throw RefusedException.BadRequest($"group_by takes each of these once, separated by commas: {string.Join(", ", StatsRequest.Fields.Keys)}.");
    }

    private static List<int> Ks(HttpContext http)
    {
        var names = ListParameters.Names(http, "k");
        var ks = names.Select(name => int.TryParse(name, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var k) && k is >= 1 and <= MaxK ? k : 0).ToList();
        return ks.Count <= MaxKs && !ks.Contains(0)
            ? ks
            : throw RefusedException.BadRequest($"k takes up to {MaxKs} numbers from 1 to {MaxK:N0}, separated by commas: k=1,8.");
    }
}

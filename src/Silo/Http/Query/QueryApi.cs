using Microsoft.Net.Http.Headers;
using Rollbook.Access;
using Rollbook.Query;

namespace Rollbook.Silo.Http;

/// <summary>Statements of users over episodes, steps and scores.</summary>
internal static class QueryApi
{
    private const string Json = "application/json";
    private const string JsonLines = "application/x-ndjson";
    private const string Csv = "text/csv";

    /// <summary>Maps the route.</summary>
    public static void MapQuery(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/query", RunAsync).WithTags("Query").WithName("Query").Requires(AccessScopes.Query)
            .WithSummary("Reads the views episodes, steps and scores by one SQL statement.")
            .WithDescription("`{columns, rows, row_count, truncated, as_of, complete, missing}`; by `Accept` also NDJSON (an object a row) or CSV, whose headers `Rollbook-As-Of`, `Rollbook-Complete` and `Rollbook-Row-Limit` say the same: as many rows as the limit mean that there may be more. Episodes are at most two seconds behind; steps and scores are as of the last pack, or with `fresh=true` as of now. The statement runs in a process of its own, with limits of time, memory and rows.")
            .WithBody("{sql, max_rows?}", Json).Produces(200, contentType: Json, additionalContentTypes: [JsonLines, Csv])
            .WithProblems(400, 413, 415, 422, 429, 503).WithQuery("fresh");

    private static async Task<IResult> RunAsync(HttpContext http, BodyReader bodies, IServiceProvider services)
    {
        var queries = ArchiveServices.Of<SqlQueries>(services);
        var fresh = QueryNumbers.Flag(http, "fresh", absent: false);
        string sql;
        long? rows;
        using (var body = await bodies.ReadAsync(http, BodyLimit.Small))
        {
            var fields = JsonFields.Read(body.Span, "sql", "max_rows");
            sql = JsonFields.Required("sql", fields.Text("sql"));
            rows = fields.Integer("max_rows", 1);
        }

        var format = Format(http);
        var answer = await queries.BeginAsync(CallerProject.Of(http), sql, format, fresh, (int?)Math.Min(rows ?? int.MaxValue, int.MaxValue), http.RequestAborted);
        return new SqlReply(answer, format);
    }

    private static SqlFormat Format(HttpContext http)
    {
        foreach (var wanted in http.Request.GetTypedHeaders().Accept.OrderByDescending(type => type.Quality ?? 1))
        {
            if (Is(wanted, Json) || wanted.MatchesAllTypes) return SqlFormat.Json;
            if (Is(wanted, JsonLines)) return SqlFormat.JsonLines;
            if (Is(wanted, Csv)) return SqlFormat.Csv;
        }

        return SqlFormat.Json;
    }

    private static bool Is(MediaTypeHeaderValue wanted, string type) => wanted.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase);
}

namespace Rollbook.Silo.Http;

/// <summary>Lists in a query: a name several times, several values with commas between, or both.</summary>
internal static class QueryLists
{
    /// <summary>The values, none of them empty.</summary>
    public static IEnumerable<string> Read(HttpContext http, string name) =>
        http.Request.Query[name].SelectMany(static value => (value ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}

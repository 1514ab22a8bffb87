using System.Globalization;

namespace Rollbook.Silo.Http;

/// <summary>Numbers in a query: plain decimal digits, nothing else.</summary>
internal static class QueryNumbers
{
    /// <summary>A number from 0 to 2^63-1 that must be there.</summary>
    /// <exception cref="RefusedException">It is missing or no such number.</exception>
    public static long Required(HttpContext http, string name) =>
        Optional(http, name) ?? throw RefusedException.BadRequest($"The query needs {name}, an integer from 0 on.");

    /// <summary>A number from 0 to 2^63-1, or null where it is not given.</summary>
    /// <exception cref="RefusedException">It is given and no such number, or given twice.</exception>
    public static long? Optional(HttpContext http, string name)
    {
        var values = http.Request.Query[name];
        if (values.Count == 0) return null;
        if (values.Count == 1 && long.TryParse(values[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
        throw RefusedException.BadRequest($"{name} in the query must be one integer from 0 to 2^63-1.");
    }

    /// <summary>True or false, or a default where it is not given.</summary>
    /// <exception cref="RefusedException">It is neither.</exception>
    public static bool Flag(HttpContext http, string name, bool absent) => http.Request.Query[name] switch
    {
        { Count: 0 } => absent,
        ["true"] => true,
        ["false"] => false,
        _ => throw RefusedException.BadRequest($"{name} in the query must be true or false."),
    };
}

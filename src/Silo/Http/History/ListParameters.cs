using System.Globalization;
using Rollbook.Query;

namespace Rollbook.Silo.Http;

/// <summary>Reads what listings and statistics are asked. A parameter that isn't known is refused: a filter that was misspelt must not give everything.</summary>
internal static class ListParameters
{
    /// <summary>The parameters of a filter.</summary>
    public static readonly IReadOnlyList<string> Filters = [.. EpisodeFilter.TextFields, "label", "min_score", "max_score", "since", "until"];

    private const int DefaultLimit = 100;
    private const int MaxLimit = 1_000;
    private const int MaxText = 256;
    private const int MaxValues = 100;

    /// <summary>Refuses parameters of other names.</summary>
    /// <exception cref="RefusedException">There is one.</exception>
    public static void Check(HttpContext http, params IEnumerable<string> known)
    {
        var names = known.Concat(Filters).ToHashSet();
        foreach (var name in http.Request.Query.Keys)
            if (!names.Contains(name)) throw RefusedException.BadRequest($"'{Short(name)}' is not a parameter of this route: {string.Join(", ", names)}.");
    }

    /// <summary>What a time must be.</summary>
    public const string TimeRule = "must be Unix seconds, or a time such as 2026-01-31 or 2026-01-31T12:00:00Z";

    /// <summary>A time as Unix seconds; null for a text that is none.</summary>
    public static double? ParseTime(string text)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && double.IsFinite(seconds)) return seconds;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? UnixTime.Seconds(UnixTime.Micros(moment)) : null;
    }

    /// <summary>The filter.</summary>
    /// <exception cref="RefusedException">A value is not what it should be.</exception>
    public static EpisodeFilter Filter(HttpContext http)
    {
        var texts = EpisodeFilter.TextFields.Where(field => http.Request.Query.ContainsKey(field)).ToDictionary(field => field, field => Texts(http, field));
        if (texts.TryGetValue("status", out var statuses) && statuses.FirstOrDefault(status => !EpisodeStatuses.Names.Contains(status)) is { } unknown)
            throw RefusedException.BadRequest($"'{Short(unknown)}' is not a status: {string.Join(", ", EpisodeStatuses.Names)}.");
        return new EpisodeFilter
        {
            Texts = texts,
            Labels = http.Request.Query.ContainsKey("label") ? Texts(http, "label") : [],
            MinScore = Number(http, "min_score"),
            MaxScore = Number(http, "max_score"),
            Since = Time(http, "since"),
            Until = Time(http, "until"),
        };
    }

    /// <summary>The order.</summary>
    /// <exception cref="RefusedException">There is none of that name.</exception>
    public static ListOrder Order(HttpContext http, IReadOnlyList<ListOrder> orders, string absent)
    {
        var name = One(http, "order") ?? absent;
        return orders.FirstOrDefault(order => order.Name == name)
            ?? throw RefusedException.BadRequest($"'{Short(name)}' is not an order: {string.Join(", ", orders.Select(order => order.Name))}. With - the greatest comes first.");
    }

    /// <summary>The page's size.</summary>
    /// <exception cref="RefusedException">It is out of range.</exception>
    public static int Limit(HttpContext http) => QueryNumbers.Optional(http, "limit") switch
    {
        null => DefaultLimit,
        >= 1 and <= MaxLimit and var limit => (int)limit,
        _ => throw RefusedException.BadRequest($"limit must be 1 to {MaxLimit:N0}."),
    };

    /// <summary>Where the page begins; null = at the start.</summary>
    /// <exception cref="RefusedException">It is no cursor of this order.</exception>
    public static ListCursor? Cursor(HttpContext http, ListOrder order)
    {
        if (One(http, "cursor") is not { } text) return null;
        try
        {
            return ListCursor.Parse(text, order);
        }
        catch (FormatException error)
        {
            throw RefusedException.BadRequest(error.Message);
        }
    }

    /// <summary>A finite number; null where it is not given.</summary>
    /// <exception cref="RefusedException">It is none.</exception>
    public static double? Number(HttpContext http, string name)
    {
        if (One(http, name) is not { } text) return null;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : throw RefusedException.BadRequest($"{name} must be a number.");
    }

    /// <summary>The values of a list, separated by commas.</summary>
    public static IReadOnlyList<string> Names(HttpContext http, string name) =>
        One(http, name)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    /// <summary>A value that may be given once; null where it is not.</summary>
    /// <exception cref="RefusedException">It is given twice.</exception>
    public static string? One(HttpContext http, string name) => http.Request.Query[name] switch
    {
        { Count: 0 } => null,
        [{ } value] => value,
        _ => throw RefusedException.BadRequest($"{name} may be given once."),
    };

    private static IReadOnlyList<string> Texts(HttpContext http, string name)
    {
        var values = http.Request.Query[name];
        if (values.Count > MaxValues) throw RefusedException.BadRequest($"{name} may be given {MaxValues} times.");
        return [.. values.Select(value => value is { Length: > 0 and <= 2 * MaxText } ? value : throw RefusedException.BadRequest($"{name} must have 1 to {MaxText} characters."))];
    }

    private static double? Time(HttpContext http, string name)
    {
        if (One(http, name) is not { } text) return null;
        return ParseTime(text) ?? throw RefusedException.BadRequest($"{name} {TimeRule}.");
    }

    // A refusal must not carry back whatever came in.
    private static string Short(string text) => text.Length <= 40 ? text : text[..40] + "…";
}

using System.Text.Json;
using Rollbook.Query;

namespace Rollbook.Silo.Http;

/// <summary>The body of a deletion: either <c>episode_ids</c>, or filters by the names of the listing, each a value or a list of values; and how.</summary>
internal sealed record DeleteBody
{
    /// <summary>The most ids in one.</summary>
    public const int MaxIds = 1_000;

    private const int MaxText = 256;
    private const int MaxValues = 100;

    private static readonly string[] Names = ["episode_ids", "all", "dry_run", "abort_running", .. ListParameters.Filters];

    /// <summary>The ids; null = the filter says.</summary>
    public IReadOnlyList<EpisodeId>? Ids { get; private init; }

    /// <summary>The filter.</summary>
    public EpisodeFilter Filter { get; private init; } = new();

    /// <summary>Whether it only asks what would be deleted.</summary>
    public bool DryRun { get; private init; }

    /// <summary>Whether running episodes are ended.</summary>
    public bool AbortRunning { get; private init; }

    /// <summary>Reads it.</summary>
    /// <exception cref="BadJsonException">It is not what it should be.</exception>
    public static DeleteBody Read(ReadOnlySpan<byte> body)
    {
        var fields = JsonFields.Read(body, Names);
        var filters = ListParameters.Filters.Where(name => fields.Raw(name, mustBeObject: false) is not null).ToList();
        var ids = ReadIds(fields);
        if (ids is not null && filters.Count > 0) throw JsonFields.Wrong(filters[0], "can't stand beside episode_ids: give ids or filters");
        if (ids is null && filters.Count == 0 && !fields.Flag("all")) throw JsonFields.Wrong("episode_ids", "or a filter is required; everything is {\"all\": true}");
        if (fields.Flag("all") && (ids is not null || filters.Count > 0)) throw JsonFields.Wrong("all", "means everything: give it without ids and filters");
        return new DeleteBody { Ids = ids, Filter = ReadFilter(fields), DryRun = fields.Flag("dry_run"), AbortRunning = fields.Flag("abort_running") };
    }

    private static EpisodeFilter ReadFilter(JsonFields fields)
    {
        var texts = EpisodeFilter.TextFields.Select(name => (Name: name, Values: Texts(fields, name))).Where(static t => t.Values.Count > 0).ToDictionary(static t => t.Name, static t => t.Values);
        if (texts.TryGetValue("status", out var statuses) && statuses.Any(static status => !EpisodeStatuses.Names.Contains(status)))
            throw JsonFields.Wrong("status", $"must be of {string.Join(", ", EpisodeStatuses.Names)}");
        return new EpisodeFilter
        {
            Texts = texts,
            Labels = Texts(fields, "label"),
            MinScore = fields.Number("min_score", named: false),
            MaxScore = fields.Number("max_score", named: false),
            Since = Time(fields, "since"),
            Until = Time(fields, "until"),
        };
    }

    private static List<EpisodeId>? ReadIds(JsonFields fields)
    {
        if (Strings(fields, "episode_ids", MaxIds) is not { } texts) return null;
        return [.. texts.Select(static text => EpisodeId.TryParse(text, out var id) ? id : throw JsonFields.Wrong("episode_ids", "must be ULIDs of 26 characters")).Distinct()];
    }

    private static IReadOnlyList<string> Texts(JsonFields fields, string name)
    {
        var values = Strings(fields, name, MaxValues) ?? [];
        return values.TrueForAll(static value => value.Length is > 0 and <= 2 * MaxText) ? values : throw JsonFields.Wrong(name, $"must have 1 to {MaxText} characters");
    }

    private static List<string>? Strings(JsonFields fields, string name, int most)
    {
        if (fields.Raw(name, mustBeObject: false) is not { } raw) return null;
        using var json = JsonDocument.Parse(raw, new JsonDocumentOptions { MaxDepth = JsonText.MaxDepth });
        var root = json.RootElement;
        if (root.ValueKind == JsonValueKind.String) return [root.GetString()!];
        if (root.ValueKind != JsonValueKind.Array || root.GetArrayLength() is var count && (count == 0 || count > most)
            || root.EnumerateArray().Any(static item => item.ValueKind != JsonValueKind.String))
            throw JsonFields.Wrong(name, $"must be a string, or a list of 1 to {most:N0} of them");
        return [.. root.EnumerateArray().Select(static item => item.GetString()!)];
    }

    private static double? Time(JsonFields fields, string name)
    {
        if (fields.Raw(name, mustBeObject: false) is not { } raw) return null;
        return ListParameters.ParseTime(raw.StartsWith('"') ? fields.Text(name)! : raw) ?? throw JsonFields.Wrong(name, ListParameters.TimeRule);
    }
}

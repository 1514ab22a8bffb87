using System.Text.Json;
using Rollbook.Access;

namespace Rollbook.Silo.Http;

/// <summary>The bodies of the routes of keys.</summary>
internal static class KeyBodies
{
    private const int MaxName = 128;
    private const long MaxSeconds = 10L * 365 * 24 * 3600;
    private const long MaxOverlap = 30L * 24 * 3600;
    private const long DefaultOverlap = 24 * 3600;

    /// <summary>A key that is wanted: <c>{"name", "scopes", "project"?, "expires_in_seconds"?, "requests_per_second"?, "bytes_per_second"?}</c>.</summary>
    /// <param name="body">The body.</param>
    /// <param name="caller">Who makes it: the project is theirs where none is named.</param>
    /// <param name="now">Unix milliseconds.</param>
    /// <returns>The record, its id and hash to be filled in.</returns>
    /// <exception cref="BadJsonException">It is not what it should be.</exception>
    public static KeyRecord ReadNew(ReadOnlySpan<byte> body, Caller caller, long now)
    {
        var fields = JsonFields.Read(body, "name", "scopes", "project", "expires_in_seconds", "requests_per_second", "bytes_per_second");
        var name = JsonFields.Required("name", fields.Name("name"));
        if (name.Length > MaxName) throw JsonFields.Wrong("name", $"must have 1 to {MaxName} characters");
        var project = fields.Text("project") ?? (caller.AllProjects ? EpisodeKey.DefaultProject : caller.Project);
        if (project != ProjectName.All && !ProjectName.IsValid(project)) throw JsonFields.Wrong("project", $"{ProjectName.Rule}, or be * for all");
        return new KeyRecord
        {
            Id = "",
            Hash = [],
            Name = name,
            Project = project,
            Scopes = Scopes(fields),
            CreatedAt = now,
            CreatedBy = caller.Name,
            ExpiresAt = fields.Integer("expires_in_seconds", 1, MaxSeconds) is { } seconds ? now + (seconds * 1000) : null,
            RequestsPerSecond = (int?)fields.Integer("requests_per_second", 1, 10_000_000),
            BytesPerSecond = fields.Integer("bytes_per_second", 16L * 1024 * 1024, 1L << 40),
        };
    }

    /// <summary>A rotation: <c>{"overlap_seconds"?, "expires_in_seconds"?}</c>.</summary>
    /// <returns>For how long both are accepted, and when the new one expires; in milliseconds, null = never.</returns>
    /// <exception cref="BadJsonException">It is not what it should be.</exception>
    public static (long Overlap, long? Life) ReadRotation(ReadOnlySpan<byte> body)
    {
        var fields = JsonFields.Read(body, "overlap_seconds", "expires_in_seconds");
        return ((fields.Integer("overlap_seconds", 0, MaxOverlap) ?? DefaultOverlap) * 1000, fields.Integer("expires_in_seconds", 1, MaxSeconds) * 1000);
    }

    private static AccessScopes Scopes(JsonFields fields)
    {
        var json = JsonFields.Required("scopes", fields.Raw("scopes", mustBeObject: false));
        using var parsed = JsonDocument.Parse(json);
        if (parsed.RootElement.ValueKind != JsonValueKind.Array) throw JsonFields.Wrong("scopes", $"must be an array of: {ScopeNames.All}");
        var scopes = AccessScopes.None;
        foreach (var element in parsed.RootElement.EnumerateArray())
        {
            var scope = element.ValueKind == JsonValueKind.String ? ScopeNames.Parse(element.GetString()!) : AccessScopes.None;
            scopes |= scope != AccessScopes.None ? scope : throw JsonFields.Wrong("scopes", $"may name: {ScopeNames.All}");
        }

        return scopes != AccessScopes.None ? scopes : throw JsonFields.Wrong("scopes", $"must name at least one of: {ScopeNames.All}");
    }
}

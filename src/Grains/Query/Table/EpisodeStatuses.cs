namespace Rollbook.Query;

/// <summary>The names that statuses have in rows and in the API.</summary>
internal static class EpisodeStatuses
{
    /// <summary>All, in the order of the enumeration.</summary>
    public static readonly IReadOnlyList<string> Names = [.. Enum.GetNames<EpisodeStatus>().Select(name => name.ToLowerInvariant())];

    /// <summary>The name of one.</summary>
    public static string Name(EpisodeStatus status) => Names[(int)status];

    /// <summary>The one of a name.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public static EpisodeStatus Parse(string name)
    {
        for (var i = 0; i < Names.Count; i++)
            if (Names[i] == name) return (EpisodeStatus)i;
        throw new FormatException($"'{name}' is not a status: {string.Join(", ", Names)}.");
    }
}

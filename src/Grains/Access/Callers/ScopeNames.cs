namespace Rollbook.Access;

/// <summary>The scopes' names in bodies, tokens and messages.</summary>
internal static class ScopeNames
{
    private static readonly AccessScopes[] Each =
        [AccessScopes.Ingest, AccessScopes.Read, AccessScopes.Query, AccessScopes.Export, AccessScopes.Delete, AccessScopes.Admin];

    /// <summary>All names, for a message.</summary>
    public static string All { get; } = string.Join(", ", Each.Select(Name));

    /// <summary>The scope of a name; <see cref="AccessScopes.None"/> where it is none.</summary>
    public static AccessScopes Parse(string name) => Array.Find(Each, scope => Name(scope) == name);

    /// <summary>The names of scopes, in their order.</summary>
    public static IEnumerable<string> Of(AccessScopes scopes) => Each.Where(scope => (scopes & scope) != 0).Select(Name);

    /// <summary>The names in a sentence.</summary>
    public static string Text(AccessScopes scopes, string between) => string.Join(between, Of(scopes));

    private static string Name(AccessScopes scope) => scope.ToString().ToLowerInvariant();
}

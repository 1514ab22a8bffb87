namespace Rollbook.Access;

/// <summary>What a credential may do within its project. None implies another.</summary>
[Flags]
public enum AccessScopes
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Record: starts, steps, endings, scores, labels, large values.</summary>
    Ingest = 1,

    /// <summary>Read episodes, workers and lists.</summary>
    Read = 2,

    /// <summary>Statistics and SQL over the whole project.</summary>
    Query = 4,

    /// <summary>Take episodes out in bulk.</summary>
    Export = 8,

    /// <summary>Delete episodes.</summary>
    Delete = 16,

    /// <summary>Make and revoke keys.</summary>
    Admin = 32,

    /// <summary>All of them.</summary>
    All = Ingest | Read | Query | Export | Delete | Admin,
}

using Rollbook.Access;

namespace Rollbook.Silo.Http;

/// <summary>Who may use a route. A route without one is used by nobody.</summary>
/// <param name="AnyOf">The scopes of which the caller needs one; <see cref="AccessScopes.None"/> = the route is open to all.</param>
internal sealed record RouteAccess(AccessScopes AnyOf)
{
    /// <summary>Whether no credential is asked for.</summary>
    public bool IsOpen => AnyOf == AccessScopes.None;

    /// <summary>What the audit log calls a use of the route; null = it doesn't stand there.</summary>
    public string? Audit { get; init; }

    /// <summary>Whether an answer may last, so that only so many run at once for a credential.</summary>
    public bool Lasts { get; init; }
}

using Rollbook.Access;

namespace Rollbook.Silo.Http;

/// <summary>Whether a request's credential was accepted: the caller, or why there is none.</summary>
internal readonly record struct Admission
{
    /// <summary>The caller; null where the request is refused.</summary>
    public Caller? Caller { get; private init; }

    /// <summary>The problem of a refusal.</summary>
    public ProblemKind Kind => Refusal ?? ProblemKind.Unauthenticated;

    /// <summary>What to do; null = the problem's own sentence.</summary>
    public string? Detail { get; private init; }

    private ProblemKind? Refusal { get; init; }

    /// <summary>Accepted.</summary>
    public static Admission Of(Caller caller) => new() { Caller = caller };

    /// <summary>No credential, or one that is not accepted: 401.</summary>
    public static Admission Unknown(string detail) => new() { Refusal = ProblemKind.Unauthenticated, Detail = detail };

    /// <summary>Known, but not allowed: 403.</summary>
    public static Admission Forbidden(Caller caller, AccessScopes needed) => new()
    {
        Refusal = ProblemKind.Forbidden,
        Detail = needed == AccessScopes.None
            ? "Nobody may use this route."
            : $"The credential has the scopes {ScopeNames.Text(caller.Scopes, ", ")}; this needs {ScopeNames.Text(needed, " or ")}. Use a key with that scope: rollbook keys create --scopes.",
    };
}

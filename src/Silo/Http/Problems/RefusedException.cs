namespace Rollbook.Silo.Http;

/// <summary>The request is refused before it reaches a grain.</summary>
internal sealed class RefusedException(ProblemKind kind, string detail) : Exception(detail)
{
    /// <summary>Which row of the table.</summary>
    public ProblemKind Kind { get; } = kind;

    /// <summary>A bad path part, query or header.</summary>
    public static RefusedException BadRequest(string detail) => new(ProblemKind.BadRequest, detail);
}

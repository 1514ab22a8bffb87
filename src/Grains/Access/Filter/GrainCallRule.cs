namespace Rollbook.Access;

/// <summary>Who may call a method of a grain.</summary>
/// <param name="AnyOf">Callers from outside of the recorder need one of these scopes; <see cref="AccessScopes.None"/> = only the recorder itself calls it.</param>
/// <param name="NotByGateway">Only the edge calls it for them: a client over the gateway does not.</param>
internal readonly record struct GrainCallRule(AccessScopes AnyOf, bool NotByGateway = false)
{
    /// <summary>Only grains and services of the recorder call it.</summary>
    public static readonly GrainCallRule Inside = new(AccessScopes.None);
}

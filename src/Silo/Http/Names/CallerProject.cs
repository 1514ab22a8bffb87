using Rollbook.Access;

namespace Rollbook.Silo.Http;

/// <summary>The tenant that a request belongs to: the one place that takes it, from the caller's credential.</summary>
internal static class CallerProject
{
    /// <summary>The caller's project.</summary>
    public static string Of(HttpContext context) => CallerOf(context).Project;

    /// <summary>The caller.</summary>
    /// <exception cref="InvalidOperationException">The request passed no <see cref="AccessMiddleware"/>.</exception>
    public static Caller CallerOf(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<Caller>() ?? throw new InvalidOperationException("Nobody checked who calls: the route is mapped past the access check.");
    }
}

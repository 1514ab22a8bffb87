using Rollbook.Access;

namespace Rollbook.Silo.Http;

/// <summary>
/// Lets a request through to its route if its credential may use it, and tells the route who calls. What has no rule is refused: a path that there is not, too,
/// before it is known whether there is one.
/// </summary>
internal sealed class AccessMiddleware(RequestDelegate next, AccessGate gate)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (gate.IsOpen)
        {
            context.Features.Set(Caller.Anyone);
            return next(context);
        }

        var endpoint = context.GetEndpoint();
        var rule = endpoint?.Metadata.GetMetadata<RouteAccess>();
        if (rule is { IsOpen: true })
        {
            context.Features.Set(Caller.Nobody);
            return next(context);
        }

        var found = gate.AdmitAsync(context);
        return found.IsCompletedSuccessfully ? EnterAsync(context, endpoint, rule, found.Result) : AwaitAsync(context, endpoint, rule, found);
    }

    private async Task AwaitAsync(HttpContext context, Endpoint? endpoint, RouteAccess? rule, ValueTask<Admission> found) =>
        await EnterAsync(context, endpoint, rule, await found);

    private Task EnterAsync(HttpContext context, Endpoint? endpoint, RouteAccess? rule, Admission admission)
    {
        if (admission.Caller is not { } caller) return RefuseAsync(context, admission);
        // A real route that nobody gave a rule, or one for others.
        if (rule is null ? endpoint is RouteEndpoint : !caller.HasAny(rule.AnyOf))
            return RefuseAsync(context, Admission.Forbidden(caller, rule?.AnyOf ?? AccessScopes.None));
        context.Features.Set(caller);
        CallerMark.Set(caller);
        return next(context);
    }

    private static Task RefuseAsync(HttpContext context, Admission refusal)
    {
        if (refusal.Kind == ProblemKind.Unauthenticated) context.Response.Headers.WWWAuthenticate = "Bearer realm=\"rollbook\"";
        return new Problem(refusal.Kind) { Detail = refusal.Detail, RetryAfter = refusal.RetryAfter }.ExecuteAsync(context);
    }
}

using Microsoft.AspNetCore.Http.Features;
using Rollbook.Access;

namespace Rollbook.Silo.Http;

/// <summary>
/// Lets a request through to its route if its credential may use it, and tells the route who calls. What has no rule is refused: a path that there is not, too,
/// before it is known whether there is one.
/// </summary>
internal sealed class AccessMiddleware(RequestDelegate next, AccessGate gate, CallerLimits limits, AuditTrail audit)
{
    public Task InvokeAsync(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        var rule = endpoint?.Metadata.GetMetadata<RouteAccess>();
        if (gate.IsOpen) return GoOnAsync(context, rule, Caller.Anyone);
        if (rule is { IsOpen: true }) return GoOnAsync(context, rule, Caller.Nobody);
        var found = gate.AdmitAsync(context);
        return found.IsCompletedSuccessfully ? EnterAsync(context, endpoint, rule, found.Result) : AwaitAsync(context, endpoint, rule, found);
    }

    private async Task AwaitAsync(HttpContext context, Endpoint? endpoint, RouteAccess? rule, ValueTask<Admission> found) =>
        await EnterAsync(context, endpoint, rule, await found);

    private Task EnterAsync(HttpContext context, Endpoint? endpoint, RouteAccess? rule, Admission admission)
    {
        if (admission.Caller is not { } caller) return RefuseAsync(context, admission, Claimed(context));
        // A real route that nobody gave a rule, or one for others.
        if (rule is null ? endpoint is RouteEndpoint : !caller.HasAny(rule.AnyOf))
            return RefuseAsync(context, Admission.Forbidden(caller, rule?.AnyOf ?? AccessScopes.None), caller.Name);
        var buckets = limits.Of(caller);
        if (buckets.Take(context.Request.ContentLength) is { } wait) return TooMuchAsync(context, wait);
        if (context.Request.ContentLength is null && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
            context.Request.Body = new MeteredBody(context.Request.Body, buckets);
        CallerMark.Set(caller);
        return rule is { Lasts: true } ? LastAsync(context, rule, caller, buckets) : GoOnAsync(context, rule, caller);
    }

    private Task GoOnAsync(HttpContext context, RouteAccess? rule, Caller caller)
    {
        context.Features.Set(caller);
        return rule?.Audit is { } what ? NotedAsync(context, caller, what) : next(context);
    }

    // Noted before it is done: what could not be noted is not done.
    private async Task NotedAsync(HttpContext context, Caller caller, string what)
    {
        await audit.NoteAsync(context, caller, what, $"{context.Request.Path}{context.Request.QueryString}");
        await next(context);
    }

    private async Task LastAsync(HttpContext context, RouteAccess rule, Caller caller, CallerBuckets buckets)
    {
        using var place = buckets.TakeStream();
        if (place.IsAcquired) await GoOnAsync(context, rule, caller);
        else await TooMuchAsync(context, 1);
    }

    private Task RefuseAsync(HttpContext context, Admission refusal, string who)
    {
        audit.Refused(context, who);
        if (refusal.Kind == ProblemKind.Unauthenticated) context.Response.Headers.WWWAuthenticate = "Bearer realm=\"rollbook\"";
        return new Problem(refusal.Kind) { Detail = refusal.Detail }.ExecuteAsync(context);
    }

    private static Task TooMuchAsync(HttpContext context, double wait) => new Problem(ProblemKind.RateLimited) { RetryAfter = wait }.ExecuteAsync(context);

    // The id of a key is no secret; that it is said proves nothing.
    private static string Claimed(HttpContext context)
    {
        var token = context.Request.Headers.Authorization.ToString().AsSpan();
        var id = ApiKey.IdOf(token[(token.LastIndexOf(' ') + 1)..]);
        return id.IsEmpty || id.ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz234567") ? "unknown" : $"key:{id} (not proved)";
    }
}

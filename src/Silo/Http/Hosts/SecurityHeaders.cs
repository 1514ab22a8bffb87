using Microsoft.Extensions.Primitives;

namespace Rollbook.Silo.Http;

/// <summary>Headers that every answer has, so that a browser that is led to one makes nothing of it. A route that serves a page sets its own policy.</summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    // One object for all answers, not one each.
    private static readonly StringValues NoSniff = "nosniff";
    private static readonly StringValues Nothing = "default-src 'none'; frame-ancestors 'none'";
    private static readonly StringValues OnlyTls = "max-age=31536000";

    public Task InvokeAsync(HttpContext context)
    {
        Set(context);
        return next(context);
    }

    /// <summary>Sets them, again where an answer was begun anew.</summary>
    public static void Set(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = NoSniff;
        headers.ContentSecurityPolicy = Nothing;
        if (context.Request.IsHttps) headers.StrictTransportSecurity = OnlyTls;
    }
}

namespace Rollbook.Silo.Http;

/// <summary>
/// Refuses writes that a web page of another site sends through a person's browser: a plain POST needs no CORS to be sent, and
/// the recorder on loopback asks for no credentials.
/// </summary>
internal sealed class CrossSiteGuard(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) return next(context);
        var origin = request.Headers.Origin.ToString();
        if (origin.Length == 0 || string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)) return next(context);
        throw RefusedException.BadRequest("The Origin header names another site. Pages of other sites may not write here.");
    }
}

using System.Text;

namespace Rollbook.Silo.Http;

/// <summary>
/// The Python client, served by the recorder that it speaks to: <c>pip install --no-index --find-links http://HOST/client/ rollbook</c>.
/// </summary>
internal static class ClientApi
{
    // The page has links and nothing else.
    private const string Policy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    // Built at the first request and kept: some hundred kilobytes.
    private static readonly Lazy<Wheel> Built = new(() =>
    {
        var files = WheelFiles.Read();
        return Wheel.Build(files, WheelFiles.Version(files));
    });

    /// <summary>Maps the routes.</summary>
    public static void MapClient(this IEndpointRouteBuilder routes)
    {
        var client = routes.MapGroup("/client").WithTags("Client");
        client.MapGet("", Index).WithName("ClientIndex").OpenToAll()
            .WithSummary("A page of links that pip reads: pip install --no-index --find-links http://HOST/client/ rollbook.")
            .Produces(200, contentType: "text/html");
        client.MapGet("/{file}", Download).WithName("DownloadClient").OpenToAll()
            .WithSummary("The wheel of the Python client.").Produces(200, contentType: "application/zip").WithProblems(404);
    }

    private static IResult Index(HttpContext http)
    {
        http.Response.Headers.ContentSecurityPolicy = Policy;
        var file = Built.Value.FileName;
        return TypedResults.Text(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head><meta charset="utf-8"><title>Rollbook: the Python client</title></head>
            <body>
            <h1>The Python client</h1>
            <p><a href="/client/{file}">{file}</a></p>
            <p>pip install --no-index --find-links {http.Request.Scheme}://{Host(http)}/client/ rollbook</p>
            <p><a href="/openapi/v1.json">The HTTP API</a></p>
            </body>
            </html>

            """,
            "text/html",
            Encoding.UTF8);
    }

    private static IResult Download(string file)
    {
        var wheel = Built.Value;
        return file == wheel.FileName
            ? TypedResults.Bytes(wheel.Content, "application/zip")
            : new Problem(ProblemKind.NotFound) { Detail = $"The only file here is {wheel.FileName}." };
    }

    // Host filtering has checked the name; an encoder all the same, since it stands in a page.
    private static string Host(HttpContext http) => System.Text.Encodings.Web.HtmlEncoder.Default.Encode(http.Request.Host.ToString());
}

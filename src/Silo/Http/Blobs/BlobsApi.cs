using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Rollbook.Access;
using Rollbook.Archive;
using Rollbook.StepLog;

namespace Rollbook.Silo.Http;

/// <summary>Large values by their hash: put before the step that names them, kept once, read in parts.</summary>
internal static class BlobsApi
{
    private const string MediaType = "application/octet-stream";

    // What an agent wrote is never a page of ours: a browser that shows it all the same gives it no origin and runs nothing.
    private const string Policy = "default-src 'none'; sandbox";

    // The bytes of a name never change.
    private const string Caching = "private, max-age=31536000, immutable";

    /// <summary>Maps the routes.</summary>
    public static void MapBlobs(this IEndpointRouteBuilder routes)
    {
        var blob = routes.MapGroup("/v1/blobs/{sha256}").WithTags("Large values");
        blob.MapPut("", PutAsync).WithName("PutBlob").Requires(AccessScopes.Ingest)
            .WithSummary("Keeps a large value under the SHA-256 of its bytes, durably and once.")
            .WithDescription("The body is the bytes as they are, at most 64 MiB; they are streamed to the store and hashed on the way. 200 means: in stable storage, also where it was there before. "
                + "A step names it anywhere as `{\"$blob\": sha256, \"bytes\": n, \"media_type\": …}` and is refused as `unknown_blob` before it is put.")
            .WithBody("The bytes, of any kind.", MediaType)
            .Produces<BlobAnswer>().WithProblems(400, 413, 415, 429, 503);
        blob.MapGet("", ReadAsync).WithName("ReadBlob").Requires(AccessScopes.Read)
            .WithSummary("The bytes of a large value, whole or in ranges.")
            .WithDescription("Always an attachment of no particular type: what kind of value it is, the step says that names it. Takes `Range` and `If-None-Match`.")
            .Produces(200, contentType: MediaType).Produces(206, contentType: MediaType).WithProblems(400, 404, 503);
        blob.MapMethods("", [HttpMethods.Head], ReadAsync).WithName("HasBlob").Requires(AccessScopes.Ingest | AccessScopes.Read)
            .WithSummary("Whether a large value is there, and its length.")
            .Produces(200, contentType: MediaType).WithProblems(400, 404, 503);
    }

    private static async Task<IResult> PutAsync(HttpContext http, string sha256)
    {
        Check(sha256);
        if (http.Request.Headers.ContentEncoding.ToString().Trim() is not ("" or "identity"))
            throw new RefusedException(ProblemKind.UnsupportedEncoding, "A large value is sent as it is: its hash is that of the bytes in the body.");
        if (http.Request.ContentLength > BlobStore.MaxBytes) throw BlobStore.TooLarge();
        // One byte more, so that it is the store that refuses what is too long, and names the limit.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = BlobStore.MaxBytes + 1L;
        var blobs = ArchiveServices.Blobs(http.RequestServices);
        try
        {
            var (bytes, _) = await blobs.PutAsync(CallerProject.Of(http), sha256, http.Request.Body, http.RequestAborted);
            return TypedResults.Ok(new BlobAnswer(sha256, bytes));
        }
        catch (BadHttpRequestException server) when (server.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            // The server counts the framing of chunks too, so that it may be the first to refuse.
            throw BlobStore.TooLarge();
        }
        catch (BlobHashException other)
        {
            throw new RefusedException(ProblemKind.BadHash, other.Message);
        }
        catch (StorageFullException full)
        {
            throw new RefusedException(ProblemKind.Of(RollbookCode.Busy), full.Message);
        }
    }

    private static async Task<IResult> ReadAsync(HttpContext http, string sha256)
    {
        Check(sha256);
        var blobs = ArchiveServices.Blobs(http.RequestServices);
        if (await blobs.OpenAsync(CallerProject.Of(http), sha256, http.RequestAborted) is not { } found)
            return new Problem(ProblemKind.BlobNotFound);
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.CacheControl = Caching;
        // The result closes the stream.
        return TypedResults.Stream(found.Content, MediaType, sha256, entityTag: new EntityTagHeaderValue($"\"{sha256}\""), enableRangeProcessing: true);
    }

    private static void Check(string sha256)
    {
        if (!BlobReferences.IsHash(sha256)) throw RefusedException.BadRequest("A large value is named by the SHA-256 of its bytes: 64 lower-case hexadecimal digits.");
    }
}

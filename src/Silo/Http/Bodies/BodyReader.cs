using System.IO.Compression;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Rollbook.Silo.Http;

/// <summary>Reads request bodies within their limits: refused before anything is buffered where the length is announced.</summary>
internal sealed class BodyReader(BodyBudget budget)
{
    /// <summary>The most that a request with steps may hold, raw and decompressed alike.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>The most that any other request may hold.</summary>
    public const int MaxSmallBytes = 1024 * 1024;

    // A step fits into the block of 4 KiB in which the server received it, with the request's head.
    private const int MaxBorrowed = 4 * 1024;

    // 8 MiB: what RFC 8878 asks every decoder to take, and what bounds a decoder's memory.
    private const int ZstdWindowLog = 23;

    /// <summary>Reads the whole body. The caller disposes it.</summary>
    /// <exception cref="TooLargeException">It is over the limit.</exception>
    /// <exception cref="RefusedException">The encoding is not known, or there is no room (<c>busy</c>).</exception>
    /// <exception cref="BadJsonException">The compressed bytes are damaged or end too early.</exception>
    public ValueTask<Body> ReadAsync(HttpContext http, BodyLimit limit)
    {
        var length = http.Request.ContentLength;
        if (length > limit.Bytes) throw new TooLargeException(limit.Text);
        if (length is > 0 and <= MaxBorrowed && http.Request.Headers.ContentEncoding.Count == 0)
        {
            var body = new Body(budget);
            if (body.TryBorrow(http.Request.BodyReader, length.Value)) return ValueTask.FromResult(body);
        }

        return CopyAsync(http, length, limit);
    }

    private async ValueTask<Body> CopyAsync(HttpContext http, long? length, BodyLimit limit)
    {
        var raw = new CountedStream(http.Request.Body, limit);
        await using var source = Decompress(http, raw);
        var body = new Body(budget);
        try
        {
            await body.FillAsync(source, length ?? 0, limit, http.RequestAborted);
            return body;
        }
        catch (BadHttpRequestException error) when (error.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            // The server itself stopped it: it takes no more than the largest of our limits.
            body.Dispose();
            throw new TooLargeException(limit.Text);
        }
        catch (ZstdException error) when (error.Code == ZSTD_ErrorCode.ZSTD_error_frameParameter_windowTooLarge)
        {
            body.Dispose();
            throw new TooLargeException("The zstd window is over the limit of 8 MiB. Compress with a smaller one (level 19 or less).");
        }
        catch (Exception error) when (error is InvalidDataException or ZstdException or EndOfStreamException)
        {
            body.Dispose();
            throw Damaged(error.Message);
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    private static Stream Decompress(HttpContext http, CountedStream raw)
    {
        var encoding = http.Request.Headers.ContentEncoding.ToString().Trim();
        switch (encoding.ToLowerInvariant())
        {
            case "" or "identity":
                return raw;
            case "gzip" or "x-gzip":
                return new GZipStream(raw, CompressionMode.Decompress);
            case "zstd":
                var zstd = new DecompressionStream(raw);
                zstd.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, ZstdWindowLog);
                return zstd;
            default:
                throw new RefusedException(ProblemKind.UnsupportedEncoding, "Content-Encoding must be gzip, zstd or identity, and one only.");
        }
    }

    private static BadJsonException Damaged(string why) => new($"The compressed body is damaged: {why}", "");
}
